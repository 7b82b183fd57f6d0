/** The form in which a password is hashed and compared: what RFC 4013 does to all but exotic input. */
export function prepPassword(password: string): string {
  return password.normalize('NFKC');
}
