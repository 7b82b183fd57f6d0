// Who talks in the bench: two accounts on one server.
export const domain = 'example.test';
export const alice = { name: 'alice', password: 'correct-horse' };
export const bob = { name: 'bob', password: 'battery-staple' };
