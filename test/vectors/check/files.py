"""Which files there are, which cases each must have, and what checks a case."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterable

from . import bad_conversations, bad_handshakes, bundles, classic_conversations, conversations, negative, people, positive, ratchets
from .case import Case, JsonObject, Mismatch, Refused
from .curves import CURVES
from .page import LABELS, MESSAGES, SECTIONS

FOLDER = Path(__file__).parents[1]


@dataclass(frozen=True)
class VectorFile:
    check: Callable[[Case], None]
    names: Iterable[str]
    slow: bool = False  # mutated less often


VECTOR_FILES = {
    'bad-bundles.json': VectorFile(bundles.bad_bundle, bundles.BAD_BUNDLES),
    'bad-certificates.json': VectorFile(negative.bad_certificate, negative.BAD_CERTIFICATES),
    'bad-claims.json': VectorFile(bad_handshakes.bad_claim, bad_handshakes.BAD_CLAIMS),
    'bad-classic-conversations.json': VectorFile(
        classic_conversations.bad_classic_conversation, classic_conversations.BAD_CLASSIC_CONVERSATIONS
    ),
    'bad-classic-handshakes.json': VectorFile(
        bad_handshakes.bad_classic_handshake, bad_handshakes.BAD_CLASSIC_HANDSHAKES
    ),
    'bad-control.json': VectorFile(negative.bad_control, negative.BAD_CONTROL),
    'bad-conversations.json': VectorFile(bad_conversations.bad_conversation, bad_conversations.BAD_CONVERSATIONS),
    'bad-encapsulation-keys.json': VectorFile(negative.bad_encapsulation_key, negative.BAD_ENCAPSULATION_KEYS),
    'bad-handshakes.json': VectorFile(bad_handshakes.bad_handshake, bad_handshakes.BAD_HANDSHAKES),
    'bad-invites.json': VectorFile(negative.bad_invite, negative.BAD_INVITES),
    'bad-points.json': VectorFile(negative.bad_point, negative.BAD_POINTS),
    'bad-ratchets.json': VectorFile(ratchets.bad_ratchet, ratchets.BAD_RATCHETS),
    'bad-records.json': VectorFile(negative.bad_record, negative.BAD_RECORDS),
    'bad-scalars.json': VectorFile(negative.bad_scalar, negative.BAD_SCALARS),
    'bundles.json': VectorFile(bundles.read_bundle, bundles.BUNDLES),
    'certificates.json': VectorFile(people.certificate, people.CERTIFICATES),
    'classic-conversations.json': VectorFile(
        classic_conversations.classic_conversation, classic_conversations.CLASSIC_CONVERSATIONS
    ),
    'classic-handshakes.json': VectorFile(positive.classic_handshake, ['registration, then login']),
    'classic-records.json': VectorFile(positive.classic_records, positive.ROLES),
    'control.json': VectorFile(positive.control, positive.CONTROLS),
    'conversations.json': VectorFile(conversations.conversation, conversations.CONVERSATIONS),
    'ecdh.json': VectorFile(positive.shared_secret, positive.SECRETS),
    'ecdsa.json': VectorFile(positive.signature, CURVES),
    'encapsulations.json': VectorFile(positive.encapsulation, positive.ENCAPSULATIONS),
    'fingerprints.json': VectorFile(people.fingerprint, people.FINGERPRINTS),
    'handshakes.json': VectorFile(positive.simpp2_handshake, positive.HANDSHAKES),
    'invites.json': VectorFile(people.invite, people.INVITES),
    'labels.json': VectorFile(positive.label, LABELS),
    'malformed-messages.json': VectorFile(negative.malformed_message, negative.MALFORMED),
    'messages.json': VectorFile(positive.message, MESSAGES),
    'publications.json': VectorFile(bundles.publication, ['bob']),
    'ratchets.json': VectorFile(ratchets.ratchet, ratchets.RATCHETS),
    'records.json': VectorFile(positive.records, positive.ROLES),
    'recovery.json': VectorFile(
        people.recovery, ['the phrase of zeros', 'the phrase of ones, another JID'], slow=True
    ),
    'verifications.json': VectorFile(conversations.short_string, conversations.VERIFICATIONS),
}


def _unique_keys(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Mismatch(f'a key stands twice: {[key for key, _ in pairs]}')
    return found


def check_folder() -> None:
    """No file that nobody checks, and none that is missing."""
    present = {path.name for path in FOLDER.glob('*.json')}
    if present != set(VECTOR_FILES):
        raise Mismatch(f'files unknown or missing: {sorted(present ^ set(VECTOR_FILES))}')


def read_cases(file_name: str) -> list[JsonObject]:
    """The cases of a file, after a look at the file itself."""
    content = json.loads((FOLDER / file_name).read_text(encoding='utf-8'), object_pairs_hook=_unique_keys)
    if set(content) != {'about', 'section', 'cases'}:
        raise Mismatch(f'a file has about, section and cases, not {sorted(content)}')
    if not content['about']:
        raise Mismatch('the file does not say what it is about')
    if missing := set(content['section'].split(', ')) - SECTIONS:
        raise Mismatch(f'sections that docs/protocol.md does not have: {sorted(missing)}')
    demand_names(file_name, content['cases'])
    return content['cases']


def demand_names(file_name: str, cases: list[JsonObject]) -> None:
    """Exactly the cases that this check expects, each once."""
    names, expected = sorted(str(case.get('name')) for case in cases), sorted(VECTOR_FILES[file_name].names)
    if names != expected:
        raise Mismatch(f'cases unknown, missing or doubled: {sorted(set(names) ^ set(expected)) or names}')


def check_case(file_name: str, entry: JsonObject) -> int:
    """Checks one case and returns the number of comparisons; raises Mismatch."""
    case = Case(entry)
    try:
        VECTOR_FILES[file_name].check(case)
    except Refused as refusal:
        raise Mismatch(f'refused: {refusal.reason}') from refusal
    case.finish()
    return case.checks
