#!/bin/sh
# Checks a Keyrite evidence folder with sh, sha256sum, jq and ssh-keygen (and coreutils, find, grep, sed, cmp) alone.
#
#   verify.sh FOLDER [--roster SHA256] [--expect live|rehearsal] [--plan SHA256] [--timestamp-ca FILE]
#
# --roster is the SHA-256 of roster.json, or of a roster before it, as it reached you outside the folder, --plan that of
# plan.json. Without the roster's the folder can only be consistent with itself, which anybody can make it. Needs OpenSSH 9.1 or later and jq
# 1.6 or later; reads nothing but the folder, writes nothing but a scratch folder of its own, and needs no network.
# `keyrite verify` prints the same, byte for byte, where everything holds.
#
# A time stamp and an attestation, where there are any, are checked with openssl, if that is installed. --timestamp-ca names CA certificates
# (PEM) of its authority, from outside the folder.
#
# Exit codes: 0 verified; 4 it does not hold, is not anchored or not closed; 5 verified, but AWS's own record, where that is
# in the folder, does not agree with it; 2 usage, and a folder that is no ceremony's.
set -eu
LC_ALL=C TZ=UTC0
export LC_ALL TZ
umask 077

# What of the transcript means what stands in the jq part at the end; the shell does files, digests and signatures.

main() {
    read_arguments "$@"
    require_tools
    scratch=$(mktemp -d)
    # TMPDIR may be relative, and the folder is gone into.
    scratch=$(CDPATH='' cd -- "$scratch" && pwd)
    case $scratch in
        *"$line_feed"*) rm -rf "$scratch" && usage 'TMPDIR has a line feed in its name' ;;
    esac
    # jq reads definitions from ~/.jq: whatever stands there, it does the same here.
    export HOME="$scratch"
    disagrees=''
    trap 'end $?' EXIT
    trap 'exit 1' HUP INT TERM
    require_openssh
    write_rules > "$scratch/rules.jq"
    take_authorities
    CDPATH='' cd -- "$folder"
    require_ceremony
    exec 3>&1
    width=10
    [ ! -f reconciliation.jsonl ] || width=12
    row STANDING 'WHAT HOLDS' AGAINST
    check_names
    take_digests
    check_anchor
    look_at_documents
    read_signatures
    check_rosters
    check_allowed_signers
    check_plan
    check_chain
    check_rules
    check_signatures
    check_statements
    check_known_files
    check_late_approvals
    check_manifest
    check_timestamp
    check_attestation
    check_reconciliation
    assert_what_is_left
    conclude
}

# --- how it ends

# A program that fails with 5, such as jq, says nothing of AWS's record.
end() {
    rm -rf "$scratch"
    [ "$1" -ne 5 ] || [ -n "$disagrees" ] || exit 1
    exit "$1"
}

usage() {
    printf 'verify.sh: %s\nusage: verify.sh FOLDER [--roster SHA256] [--expect live|rehearsal] [--plan SHA256]' "$1" >&2
    printf ' [--timestamp-ca FILE]\n' >&2
    exit 2
}

# Text from the folder is shown without anything that a terminal could obey, wherever standard output leads just then.
refuse() {
    printf '\nREFUSED: %s: %s\n' "$1" "$2" | tr -c ' -~\n' '?' >&3
    exit 4
}

# What holds, against what, and what that is worth. Signatures by people whom nobody vouched for outside the folder are
# worth what the folder is worth.
held() {
    case $3 in
        signed) [ -n "$anchor" ] && row signed "$1" "$2" || row consistent "$1" "$2" ;;
        *) row "$3" "$1" "$2" ;;
    esac
}

row() {
    printf "%-${width}s  %-28s  %s\n" "$1" "$2" "$3"
}

# What nobody signed and nothing in the folder can contradict.
assert_what_is_left() {
    if [ -z "$has_gap" ] && [ ! -s "$scratch/facts-machine" ]; then
        held 'times and hosts of the lines' "one host's clock and name" asserted
        held 'program and module digests' 'what that host saw of itself' asserted
        assert_words
        held "the HSM's answers" 'what its module told that host' asserted
    else
        held 'times and hosts of the lines' "each host's own clock and name" asserted
        held 'program and module digests' 'what each host saw of itself' asserted
        assert_words
        held "the HSM's answers" 'what its module told its host' asserted
    fi
    held "KMS's answers" 'what came over that TLS' asserted
}

# What people said in the room.
assert_words() {
    [ -z "$has_words" ] || held "people's words on record" "the host's word for whose they are" asserted
}

conclude() {
    if [ "$closed" != true ]; then
        printf '\nNOT CLOSED: what there is holds, but nothing seals it yet.\n'
        say_bounds
        exit 4
    fi
    if [ -z "$anchor" ]; then
        printf '\nCONSISTENT, NOT TRUSTED: the folder fits itself, but anybody could have made it\nso. '
        printf "Give the roster's SHA-256, as it reached you outside: --roster SHA256\n"
        say_bounds
        exit 4
    fi
    printf '\nVERIFIED: the ceremony %s was held\n' "$ceremony"
    say_roster
    cat "$scratch/facts-aborted"
    [ -z "$findings" ] || printf "FINDINGS: AWS's own record does not agree with it: %s\n" "$findings"
    say_bounds
    [ -z "$findings" ] || { disagrees=yes && exit 5; }
}

# By which roster it was held, where that is not the one that was named.
say_roster() {
    if [ "$anchored" = "$roster_count" ]; then
        echo 'by the roster that you named, and is closed.'
        return 0
    fi
    cat << ROSTER
by roster $roster_count, and is closed. You named roster $anchored, from which roster $roster_count follows by
changes that the quorum before each signed. Whoever has the keys of an old quorum
can sign such a change later, too: name the newest roster that you know of.
The SHA-256 of roster $roster_count is
  $roster_digest
ROSTER
}

# It stands under every verdict that something holds.
say_bounds() {
    cat << 'BOUNDS'

What no evidence can show:
- that nothing else was done with the HSM's PINs or the IAM credentials. Gates
  bind the program that wrote this, not whoever holds those.
- whose the wrapping keys were, beyond the TLS that fetched them.
- that AWS does not know the material: it was imported, so AWS does.
- more than one host's word for what is marked as asserted.
BOUNDS
    [ ! -f reconciliation.jsonl ] || cat << 'BOUNDS'
- that reconciliation.jsonl has what CloudTrail delivered, and all of it that is
  about these keys: nobody signed it, and who takes it away takes its findings
  away. Of the files it came from, `aws cloudtrail validate-logs` tells.
BOUNDS
    return 0
}

# --- what it is given

read_arguments() {
    [ $# -gt 0 ] || usage 'name a folder'
    folder=$1 anchor='' expected_mode='' expected_plan='' authorities=''
    case $folder in -*) usage 'the folder begins with -: write ./ before it' ;; esac
    [ -d "$folder" ] || usage 'there is no such folder'
    shift
    given=' '
    while [ $# -gt 0 ]; do
        [ $# -gt 1 ] || usage "$1 has no value, or is none of the options"
        # Of two values the last one would count in silence.
        case $given in *" $1 "*) usage "$1 stands twice; give it once" ;; esac
        given="$given$1 "
        case $1 in
            --roster) is_digest "$2" || usage "$1 is 64 lowercase hex digits"; anchor=$2 ;;
            --plan) is_digest "$2" || usage "$1 is 64 lowercase hex digits"; expected_plan=$2 ;;
            --expect) expected_mode=$2 ;;
            --timestamp-ca) authorities=$2 ;;
            *) usage "$1 is none of the options" ;;
        esac
        shift 2
    done
    case $expected_mode in '' | live | rehearsal) ;; *) usage '--expect is live or rehearsal' ;; esac
}

# What was never a ceremony's folder is named wrong, and nothing in it was tampered with. One that lacks a file, and has others
# that only a ceremony has, is looked at.
require_ceremony() {
    ! has_traces . || return 0
    root=$(pwd -P)
    if is_of_schema keyrite.roster ./roster.json; then
        what="is a roster's folder, and no ceremony's: it has no plan.json"
    else
        what="is no ceremony's folder: it has neither plan.json nor transcript.jsonl, nor anything that was signed at a gate"
    fi
    find_near
    printf 'verify.sh: %s %s. %s' "$root" "$what" "$remedy" | tr '\001-\037\177' ' ' >&2
    echo >&2
    exit 2
}

# Whether there is anything that only a ceremony's folder has for long; a roster's has only roster.json, and what was signed over it.
has_traces() {
    for trace in "$1/plan.json" "$1/transcript.jsonl" "$1/allowed_signers" "$1/MANIFEST" "$1/handovers/1.json" \
        "$1"/statements/authorize-* "$1"/statements/release-* "$1"/statements/activate-* "$1"/statements/close-* \
        "$1"/approvals/authorize-* "$1"/approvals/release-* "$1"/approvals/activate-* "$1"/approvals/close-*; do
        { [ ! -e "$trace" ] && [ ! -L "$trace" ]; } || return 0
    done
    return 1
}

is_of_schema() {
    [ -f "$2" ] && grep -q "\"schema\":\"$1/" "$2" 2> /dev/null
}

# Whether nobody may take it for anything but a ceremony's.
is_planned() {
    is_of_schema keyrite.plan "$1/plan.json" || { is_of_schema keyrite.roster "$1/roster.json" && has_traces "$1"; }
}

# What to do, with the ceremonies that may be meant: around the folder, in it, or beside it.
find_near() {
    above=$root
    while [ "$above" != / ]; do
        above=${above%/*}
        above=${above:-/}
        ! is_planned "$above" || { remedy="Name the ceremony's folder: $above" && return 0; }
        ! is_of_schema keyrite.roster "$above/roster.json" || break
    done
    near='' count=0
    for name in *; do
        for place in "${root%/}/$name" "${root%/}/$name/ceremony"; do
            is_planned "$place" || continue
            count=$((count + 1))
            [ "$count" -gt 3 ] || near="$near${near:+, }$place"
        done
    done
    beside=${root%/*}/ceremony
    [ "$count" -gt 0 ] || ! is_planned "$beside" || { count=1 && near=$beside; }
    case $count in
        0) remedy='Name the folder that keyrite plan made' ;;
        1) remedy="Name the ceremony's folder: $near" ;;
        2 | 3) remedy="Name the folder of one ceremony: $near" ;;
        *) remedy="Name the folder of one ceremony: $near or another" ;;
    esac
}

require_tools() {
    for tool in sha256sum jq ssh-keygen base64 cat cmp comm cp cut date find grep head mkdir mktemp mv od rm sed sort split \
        tail tr wc; do
        command -v "$tool" > "/dev/null" || usage "$tool is not installed"
    done
}

# Before OpenSSH 9.1 a key's validity could not be given in UTC (before 8.7, not at all), and every signature would seem
# forged: so one that holds, by a key that was thrown away, is tried first.
require_openssh() {
    key='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICnzcDVO+tFF7M1miS1qXo3vOfWl+0+ygpB3uaoxzRqi'
    validity='valid-after="20260101000000Z",valid-before="20260102000000Z"'
    echo "probe namespaces=\"keyrite.probe.v1\",$validity $key" > "$scratch/probe-signers"
    cat > "$scratch/probe.sig" << 'SIGNATURE'
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgKfNwNU760UXszWaJLWpeje859a
X7T7KCkHe5qjHNGqIAAAAQa2V5cml0ZS5wcm9iZS52MQAAAAAAAAAGc2hhNTEyAAAAUwAA
AAtzc2gtZWQyNTUxOQAAAEAnBCBLzYK/S8mVYzf8pw4Gc32hTxBcgd4lHP7I53b+CJvr2I
/LDtbe8CrdQ1jqF5Vw4DhR9PexKLzYb/x6gjEA
-----END SSH SIGNATURE-----
SIGNATURE
    printf probe | ssh-keygen -Y verify -q -f "$scratch/probe-signers" -I probe -n keyrite.probe.v1 \
        -O verify-time=20260101120000Z -s "$scratch/probe.sig" > "$scratch/ignored" 2>&1 \
        || usage 'ssh-keygen cannot tell when a key was valid: OpenSSH 9.1 or later is needed'
}

has_openssl() {
    command -v openssl > "/dev/null"
}

# Whatever is set up on this machine for openssl, it does the same here.
openssl_alone() {
    OPENSSL_CONF=/dev/null openssl "$@" 2> "$scratch/error"
}

# The certificates as they were when they were named, whatever happens to that file meanwhile.
take_authorities() {
    [ -n "$authorities" ] || return 0
    has_openssl || usage '--timestamp-ca needs openssl, which is not installed'
    cat -- "$authorities" > "$scratch/authorities.pem" 2> "$scratch/error" \
        || usage "$authorities cannot be read"
    openssl_alone x509 -in "$scratch/authorities.pem" -noout \
        && openssl_alone crl2pkcs7 -nocrl -certfile "$scratch/authorities.pem" -out "$scratch/ignored" \
        || usage "$authorities holds no CA certificates, or some that cannot be read"
}

is_digest() {
    [ ${#1} -eq 64 ] || return 1
    case $1 in *[!0-9a-f]*) return 1 ;; esac
}

# --- files

# Every later use of a name rests on this: no links, no devices, no byte that means something to a shell or a tool.
check_names() {
    find . -type f ! -readable -o ! -type d ! -type f -o ! -name '.' -name '*[!A-Za-z0-9._+-]*' \
        -o -path './*/*/*/*/*/*/*/*' > "$scratch/strange" 2> "$scratch/error" \
        || refuse . "it cannot be looked through: $(sed -n 1p "$scratch/error")"
    [ ! -s "$scratch/strange" ] || name_strange
}

name_strange() {
    strange=$(find . -type f ! -readable | sed -n 1p)
    [ -z "$strange" ] || refuse "${strange#./}" 'it cannot be read; see who may'
    strange=$(find . ! -type d ! -type f | sed -n 1p)
    [ -z "$strange" ] || refuse "${strange#./}" 'it is neither a file nor a folder'
    strange=$(find . ! -name '.' -name '*[!A-Za-z0-9._+-]*' | sed -n 1p)
    if [ -n "$strange" ]; then
        holder=${strange%/*}
        refuse "${holder#./}" "it has a name that evidence never has: ${strange##*/}"
    fi
    strange=$(find . -mindepth 8 -type d | sed -n 1p)
    [ -z "$strange" ] || refuse "${strange#./}" 'it lies too deep for evidence'
}

# Every file, and DIGEST  PATH of each but the one that may be large: one sha256sum does them all.
take_digests() {
    find . -type f | sed 's|^\./||' | sort > "$scratch/files"
    digests=$(find . -type f ! -path ./reconciliation.jsonl -exec sha256sum {} + | sed 's|  \./|  |' | sort -k 2)
    printf '%s\n' "$digests" > "$scratch/sums"
    digests="$line_feed$digests$line_feed"
}

# The SHA-256 of a file of the folder, in $digest; nothing of one that is missing.
look_up() {
    digest=${digests%%"  $1$line_feed"*}
    digest=${digest##*"$line_feed"}
}

require_file() {
    [ -f "$1" ] || refuse "$1" 'it is missing'
}

# All JSON that there may be at once, since each start of jq takes its time. What all of it has need not be looked for one by one;
# where it does not, the first that lacks it is named when its turn comes.
look_at_documents() {
    is_canonical=''
    set --
    for path in roster.json plan.json attestation.json rosters/*.json approvals/*/*.json handovers/*.json; do
        [ ! -f "$path" ] || set -- "$@" "$path"
    done
    [ -f transcript.jsonl ] && ! is_too_long && [ "$(cat "$@" | tr -d ' -~' | wc -c)" -eq 0 ] || return 0
    # A line for each, which none of them ends by itself.
    grep -h '' "$@" > "$scratch/documents" || :
    [ "$(wc -l < "$scratch/documents")" -eq $# ] && cat transcript.jsonl >> "$scratch/documents" \
        && are_canonical "$scratch/documents" || return 0
    is_canonical=true
}

# Lines, each of them JSON in its one form: printable ASCII, what jq -cS writes, and no escape in it but \" and \\.
are_canonical() {
    [ "$(tr -d ' -~\n' < "$1" | wc -c)" -eq 0 ] && ! has_escapes "$1" \
        && jq -cS . "$1" 2> "$scratch/error" | cmp -s - "$1"
}

# One JSON document in its one form, with no line feed at the end.
require_canonical() {
    require_file "$1"
    [ -z "$is_canonical" ] || return 0
    misfit="it is no $(kind_of "$1") in canonical form"
    [ "$(tr -d ' -~' < "$1" | wc -c)" -eq 0 ] || refuse "$1" "$misfit; it has other bytes than printable ASCII"
    jq -cSjs 'if length == 1 then .[0] else error("not one document") end' "$1" \
        > "$scratch/canonical" 2> "$scratch/error" || refuse "$1" "$misfit; it is not one JSON document"
    cmp -s "$scratch/canonical" "$1" || refuse "$1" "$misfit"
    ! has_escapes "$1" || refuse "$1" "$misfit; a string has an escape"
}

# What a document should be, by where it lies.
kind_of() {
    case $1 in
        plan.json) echo plan ;;
        attestation.json) echo attestation ;;
        approvals/*) echo approval ;;
        handovers/*) echo hand-over ;;
        *) echo roster ;;
    esac
}

# Whether it is one: what it is not stands there when its turn comes.
is_canonical_document() (
    exec 3> "$scratch/ignored"
    require_canonical "$1"
)

# The same for all that exist of a list of files.
require_canonical_all() {
    while IFS= read -r path; do
        [ ! -f "$path" ] || require_canonical "$path"
    done < "$1"
}

has_escapes() {
    grep -q '\\' "$1" && sed 's/\\[\\"]//g' "$1" | grep -q '\\'
}

# What one of the rules answers, a line each: a word, a tab and more. It is given the parts that it rests on, and no others: jq
# reads all of them each time.
#   ask RULE 'PART...' FILE [jq arguments]
ask() {
    rule=$1 parts=$2 file=$3
    shift 3
    write_filter "$rule" "$parts" && jq -r "$@" -f "$scratch/filter.jq" "$file" > "$scratch/verdict" 2> "$scratch/failure"
}

write_filter() {
    wanted=''
    for part in words $2; do wanted="$wanted/^# --- $part\$/,/^# --- /p;"; done
    sed -n "$wanted" "$scratch/rules.jq" > "$scratch/filter.jq" && printf '%s\n' "$1" >> "$scratch/filter.jq"
}

# The same of a rule that refuses, or else says what it has to say, and that it is done; what it refuses goes to the person who
# reads.
#   judge PLACE RULE 'PART...' FILE [jq arguments]
judge() {
    place=$1 rule=$2
    shift 2
    ask "$rule | answer" "$@" || refuse_failure "$place"
    IFS=$tab read -r word at reason < "$scratch/verdict" || refuse_failure "$place"
    if [ "$word" = REFUSED ]; then
        [ "$at" != - ] || at=$place
        refuse "$at" "$reason"
    fi
    [ "$(tail -n 1 "$scratch/verdict")" = 'done' ] || refuse_failure "$place"
}

refuse_failure() {
    refuse "$1" "it is not as the rules have it: $(head -c 300 "$scratch/failure")"
}

# What a rule said under one name.
said() {
    sed -n "s/^$1$tab//p" "$scratch/verdict"
}

# The SHA-256 of the lines of a file, without their line feeds, as printf makes something of each: a file for each, so that one
# sha256sum does them all.
#   text_digests NAME FORMAT FILE
text_digests() {
    [ -s "$3" ] || return 0
    [ -d "$scratch/pieces" ] || mkdir "$scratch/pieces"
    number=10000000
    while IFS= read -r text; do
        number=$((number + 1))
        # The format is the caller's.
        # shellcheck disable=SC2059
        printf "$2" "$text" > "$scratch/pieces/$1-$number"
    done < "$3"
    digests_of "$scratch/pieces" "$1-*"
}

# sha256sum's lines of the files of a folder, in the order of their names: they may be too many to name them all to one program.
#   digests_of FOLDER PATTERN
digests_of() {
    (cd "$1" && find . -name "$2" -type f -exec sha256sum {} + | sed 's|  \./|  |' | sort -k 2)
}

# --- roster and plan

check_anchor() {
    require_file roster.json
    look_up roster.json
    roster_digest=$digest
    [ -n "$anchor" ] || return 0
    [ "$roster_digest" != "$anchor" ] || return 0
    earlier=1
    while [ -f "rosters/$earlier.json" ]; do
        look_up "rosters/$earlier.json"
        [ "$digest" != "$anchor" ] || return 0
        earlier=$((earlier + 1))
    done
    refuse_anchor
}

refuse_anchor() {
    refuse roster.json "its SHA-256 is $roster_digest, not the expected $anchor, and no roster before it has that"
}

# From the first roster, which all its members accepted, to the one that the ceremony is held by: each is signed by the
# quorum of the one before it, with the keys that are listed there, and by its newcomers.
#
# The rules answer with what is to be done, in its order; $scratch/steps goes on with the plan, and the transcript's lines.
check_rosters() {
    require_canonical roster.json
    number_rosters
    ask_about_documents
    exec 4< "$scratch/steps"
    anchored=''
    : > "$scratch/roster-files"
    while next_step roster.json; do
        case $step in
            roster) begin_roster "$a" "$b" ;;
            member) printf '%s\t%s\t%s\t%s\n' "$a" "$b" "$c" "$d" >> "$scratch/members" ;;
            signer) printf '%s\n' "$a" >> "$scratch/allowed_signers" ;;
            keys)
                fingerprints "$a" > "$scratch/fingerprints"
                check_mode "$a"
                ;;
            accepts) require_consent "$a" "$b" "$c" "$d" acceptance '' ;;
            consents) require_consent "$a" "$b" "$c" "$d" consent -before ;;
            edition) end_edition "$a" "$b" ;;
        esac
    done
    [ -z "$unfit" ] || require_canonical "$unfit"
    hold_rosters
}

# The next of the steps, up to the last one of a document.
next_step() {
    IFS=$tab read -r step a b c d <&4 || refuse_failure "$1"
    [ "$step" != REFUSED ] || refuse "$a" "$b"
    [ "$step" != 'done' ]
}

# The rosters from the first on, each with where it stands, up to the first that cannot be read: $unfit.
number_rosters() {
    IFS= read -r text < roster.json || :
    roster_count=${text##*'"sequence":'}
    roster_count=${roster_count%\}}
    case $roster_count in '' | *[!0-9]* | ?????????????????*) roster_count=1 ;; esac
    unfit='' number=1
    : > "$scratch/rosters"
    while [ "$number" -lt "$roster_count" ] && [ -z "$unfit" ]; do
        add_roster "rosters/$number"
        number=$((number + 1))
    done
    [ -n "$unfit" ] || add_roster roster
}

add_roster() {
    if ! is_canonical_document "$1.json"; then
        unfit=$1.json
        return 0
    fi
    IFS= read -r text < "$1.json" || :
    printf '{"file":"%s.json","folder":"%s","roster":%s}\n' "$1" "$1" "$text" >> "$scratch/rosters"
}

# The plan is not looked at before it can be read, and no more is the transcript.
ask_about_documents() {
    asked=document_steps lines=/dev/null
    : > "$scratch/plan"
    if [ -z "$unfit" ] && is_canonical_document plan.json; then cp plan.json "$scratch/plan"; fi
    : > "$scratch/digests"
    if [ -n "$is_canonical" ]; then
        line_digests > "$scratch/digests"
        asked="$asked, line_steps" lines=transcript.jsonl
    fi
    ask_for_steps "$asked" 'kinds shapes signatures roster.json terms plan.json transcript.jsonl' "$lines"
}

# What fails on the way is told where its answer is missing.
ask_for_steps() {
    ask "until_refused($1)" "$2" "$3" -n --slurpfile roster roster.json --slurpfile rosters "$scratch/rosters" \
        --slurpfile plan "$scratch/plan" --arg rosterDigest "$roster_digest" --rawfile sums "$scratch/sums" \
        --rawfile armors "$scratch/armors" --rawfile digests "$scratch/digests" || :
    mv "$scratch/verdict" "$scratch/steps"
}

#   begin_roster FILE MODE
begin_roster() {
    roster_file=$1 mode=$2
    : > "$scratch/members"
    : > "$scratch/allowed_signers"
}

check_mode() {
    [ "$1" = roster.json ] && [ -n "$expected_mode" ] && [ "$mode" != "$expected_mode" ] || return 0
    refuse roster.json "it is a $mode roster, not a $expected_mode one"
}

# A signature of somebody over the roster at hand, by the key that it lists, or that the one before it lists.
#   require_consent SIGNATURE NAME TIME FAULT WHAT [-before]
require_consent() {
    require_signature "$1" "$roster_file" "$2" "keyrite.roster.v1.$mode" "$3" "$1" "$4" "$2's $5 counts for nothing: " "$6"
    echo "$1" >> "$scratch/roster-files"
}

#   end_edition NUMBER FILE
end_edition() {
    echo "$2" >> "$scratch/roster-files"
    look_up "$2"
    [ "$digest" != "$anchor" ] || anchored=$1
    [ "$1" -ne 1 ] || first_members=$(wc -l < "$scratch/members")
    cp "$scratch/allowed_signers" "$scratch/allowed_signers-before"
}

hold_rosters() {
    if [ "$roster_count" -eq 1 ]; then
        [ -z "$anchor" ] || [ -n "$anchored" ] || refuse_anchor
        [ -z "$anchor" ] || held roster.json 'the SHA-256 that you gave' signed
        held 'roster/*.sig' "the keys of all $first_members members" signed
        return 0
    fi
    if [ -n "$anchor" ]; then
        [ -n "$anchored" ] || refuse roster.json 'the roster with the expected SHA-256 is not one before it'
        held "roster $anchored of $roster_count" 'the SHA-256 that you gave' signed
    fi
    held 'rosters/1/*.sig' "the keys of all $first_members members of the first" signed
    changes="$((roster_count - 1)) changes"
    [ "$changes" != '1 changes' ] || changes='1 change'
    held "$changes of the roster" "the quorum before each, and newcomers' keys" signed
}

# NAME FINGERPRINT; ssh-keygen refuses a key that is no point of its curve, or leaves it out among others.
fingerprints() {
    cut -f 4 "$scratch/members" > "$scratch/keys.pub"
    ssh-keygen -l -E sha256 -f "$scratch/keys.pub" > "$scratch/shown" 2> "$scratch/error" || :
    [ "$(wc -l < "$scratch/shown")" -eq "$(wc -l < "$scratch/members")" ] || refuse_key "$1"
    exec 5< "$scratch/shown"
    while IFS=$tab read -r name _ && read -r _ shown _ <&5; do
        printf '%s %s\n' "$name" "$shown"
    done < "$scratch/members"
}

refuse_key() {
    while IFS=$tab read -r name _ _ key; do
        printf '%s\n' "$key" > "$scratch/key.pub"
        ssh-keygen -l -f "$scratch/key.pub" > "$scratch/ignored" 2>&1 || refuse "$1" "$name's key cannot be used"
    done < "$scratch/members"
    refuse "$1" 'a key in it is none'
}

check_allowed_signers() {
    require_file allowed_signers
    cmp -s "$scratch/allowed_signers" allowed_signers || refuse allowed_signers 'it is not what the roster amounts to'
    held allowed_signers 'the roster it is derived from' consistent
}

check_plan() {
    require_canonical plan.json
    look_up plan.json
    plan_digest=$digest
    [ -z "$expected_plan" ] || [ "$plan_digest" = "$expected_plan" ] \
        || refuse plan.json "its SHA-256 is $plan_digest, not the expected $expected_plan"
    : > "$scratch/policies"
    : > "$scratch/policy-digests"
    : > "$scratch/members-hosts"
    while next_step plan.json; do
        case $step in
            policy)
                printf '%s\t%s\n' "$a" "$b" >> "$scratch/policy-digests"
                printf '%s\n' "$c" >> "$scratch/policies"
                ;;
            host) printf '%s\t%s\t%s\t%s\n' "$a" "$b" "$c" "$d" >> "$scratch/members-hosts" ;;
            sealing) printf '%s' "$a" | base64 -d > "$scratch/sealing" ;;
        esac
    done
    check_policies
    read_hosts
    [ -z "$expected_plan" ] || held plan.json 'the SHA-256 that you gave' consistent
}

# Every key policy that stands in the plan, percent-encoded, is the text of the digest beside it.
check_policies() {
    text_digests policy %b "$scratch/policies" | cut -c 1-64 > "$scratch/policies-made"
    ! cut -f 1 "$scratch/policy-digests" | cmp -s - "$scratch/policies-made" || return 0
    whose=$(paste "$scratch/policies-made" "$scratch/policy-digests" | sed "/^\(.*\)$tab\1$tab/d;s/.*$tab//;q")
    refuse plan.json "$whose has a policy of another digest"
}

# The two hosts of an air gap, by their sides, and the certificate to which blobs are sealed. They sign with keys of the
# plan, under a namespace of their own and at any time: what they hand over says when.
read_hosts() {
    has_gap='' sealing_digest=''
    [ -s "$scratch/members-hosts" ] || return 0
    has_gap=true
    while IFS=$tab read -r side _ _ key; do
        printf '%s\n' "$key" > "$scratch/key.pub"
        ssh-keygen -l -f "$scratch/key.pub" > "$scratch/ignored" 2>&1 \
            || refuse plan.json "its hosts' keys are not two plain keys"
        printf '%s namespaces="keyrite.handover.v1.%s" %s\n' "$side" "$mode" "$key"
    done < "$scratch/members-hosts" > "$scratch/allowed_signers-hosts"
    ! has_openssl || is_sealing_certificate "$scratch/sealing" || refuse plan.json 'its sealing certificate is none'
    sealing_digest=$(sha256sum < "$scratch/sealing")
    sealing_digest=${sealing_digest%% *}
}

# One certificate in DER's one form, of an RSA key of 3072 bits that signed it itself.
is_sealing_certificate() {
    openssl_alone x509 -inform DER -in "$1" -outform DER -out "$scratch/again" && cmp -s "$1" "$scratch/again" \
        && openssl_alone x509 -inform DER -in "$1" -out "$scratch/sealing.pem" \
        && openssl_alone verify -no-CApath -no-CAstore -no_check_time -check_ss_sig -CAfile "$scratch/sealing.pem" \
            "$scratch/sealing.pem" > "$scratch/ignored" \
        && openssl_alone x509 -in "$scratch/sealing.pem" -noout -text > "$scratch/shown" \
        && grep -q '^            Public Key Algorithm: rsaEncryption$' "$scratch/shown" \
        && grep -q '^                Public-Key: (3072 bit)$' "$scratch/shown"
}

# --- signatures

# PATH BASE64 of every signature in its canonical armor; what is in none has no line.
read_signatures() {
    : > "$scratch/armors"
    set --
    for path in $(grep '\.sig$' "$scratch/files"); do set -- "$@" "$path"; done
    [ $# -gt 0 ] || return 0
    # The shell would not see a NUL.
    strange=$(cat -- "$@" | tr -d ' -~\n' | wc -c)
    for path; do
        [ "$strange" -eq 0 ] || [ "$(tr -d ' -~\n' < "$path" | wc -c)" -eq 0 ] || continue
        ! read_armor < "$path" || printf '%s %s\n' "$path" "$armor"
    done > "$scratch/armors"
}

# At most 4096 bytes, lines of 70, nothing before BEGIN, nothing after END and its line feed. Leaves what is between in $armor.
read_armor() {
    armor='' filled=70 size=58
    IFS= read -r text && [ "$text" = '-----BEGIN SSH SIGNATURE-----' ] || return 1
    while IFS= read -r text && [ "$size" -le 4096 ]; do
        if [ "$text" = '-----END SSH SIGNATURE-----' ]; then
            ! IFS= read -r text && [ -z "$text" ]
            return
        fi
        # ssh-keygen reads over blanks.
        case $text in *[!A-Za-z0-9+/=]*) return 1 ;; esac
        [ "$filled" -eq 70 ] && [ -n "$text" ] && [ ${#text} -le 70 ] || return 1
        filled=${#text} size=$((size + ${#text} + 1)) armor=$armor$text
    done
    return 1
}

# Accepts what ssh-keygen accepts, in the one form in which it writes it. What the rules found wrong with it is told in their
# words, and before ssh-keygen is asked; but what an authenticator did not see of its owner counts only where all else is right.
#   require_signature SIGNATURE MESSAGE NAME NAMESPACE TIME PLACE FAULT WORDS [-before|-hosts]
require_signature() {
    require_file "$1"
    case $7 in - | 'no user presence'*) ;; *) refuse "$6" "$8$7" ;; esac
    ssh-keygen -Y verify -q -f "$scratch/allowed_signers${9-}" -I "$3" -n "$4" -O "verify-time=$5" -s "$1" \
        < "$2" > "$scratch/ignored" 2>&1 || refuse "$6" "$8the SSH signature does not sign these bytes"
    case $7 in
        -) ;;
        'no user presence: '*) refuse "$6" "$7" ;;
        *) refuse "$6" "$8$7" ;;
    esac
}

# The approvals that the transcript records, over the very bytes that were journaled.
check_signatures() {
    while IFS=$tab read -r path name time fault; do
        require_signature "$path.sig" "$path" "$name" "keyrite.gate.v1.$mode" "$time" "$path" "$fault" \
            'its signature does not hold: '
    done < "$scratch/facts-approval"
    [ ! -s "$scratch/facts-passed" ] || held plan.json 'the statements of the gates' signed
    while IFS=$tab read -r gate quorum; do
        held "$gate" "$quorum" signed
    done < "$scratch/facts-passed"
    while IFS=$tab read -r gate person; do
        held "$gate" "$person" signed
    done < "$scratch/facts-refused"
    hold_machines
    check_handovers
}

# Machines and programs that the plan lacks, by their exceptions: what a quorum signed, it signed with those.
hold_machines() {
    while IFS=$tab read -r standing line host; do
        case $standing in
            signed) held "not in the plan: $host" "the exception of line $line, which a quorum signed" signed ;;
            *) held "not in the plan: $host" "the exception of line $line, which no quorum signed yet" consistent ;;
        esac
    done < "$scratch/facts-machine"
}

# What each host of an air gap handed over; one that nobody received yet, too, once it is signed.
check_handovers() {
    while IFS=$tab read -r path side time fault; do
        require_signature "$path.sig" "$path" "$side" "keyrite.handover.v1.$mode" "$time" "$path.sig" "$fault" \
            'its signature does not hold: ' -hosts
    done < "$scratch/facts-handover"
    case $received in
        0) ;;
        1) held '1 hand-over' "the keys of the plan's two hosts" signed ;;
        *) held "$received hand-overs" "the keys of the plan's two hosts" signed ;;
    esac
}

# --- the transcript

# Canonical lines, each with its number and the SHA-256 of the line before it.
check_chain() {
    ! is_too_long \
        || refuse "transcript.jsonl:$((most_lines + 1))" 'it is beyond the 50,000 lines that a transcript may have'
    if [ -z "$is_canonical" ]; then
        check_lines transcript.jsonl
        line_digests > "$scratch/digests"
        ask_for_steps line_steps 'kinds shapes transcript.jsonl' transcript.jsonl
        exec 4< "$scratch/steps"
    fi
    cat <&4 > "$scratch/line-steps"
    tail -n 1 "$scratch/line-steps" > "$scratch/last-step"
    exec 4< "$scratch/last-step"
    ! next_step transcript.jsonl || refuse_failure transcript.jsonl
    # The shell reads byte by byte, and these may be long.
    sed -n "s/^statement$tab//w $scratch/lines-statement
        s/^environment$tab//w $scratch/lines-environment
        s/^approval$tab//w $scratch/lines-approval
        s/^handed$tab//w $scratch/lines-handed
        s/^public-key$tab//w $scratch/lines-public-key" "$scratch/line-steps"
    head=$(tail -n 1 "$scratch/digests")
    head=${head%% *}
    held transcript.jsonl "its hash chain, $(wc -l < transcript.jsonl) lines" consistent
}

# Some three times as many as a ceremony over 1,000 keys makes.
most_lines=50000
is_too_long() {
    [ -f transcript.jsonl ] && [ "$(wc -l < transcript.jsonl)" -gt "$most_lines" ]
}

# A file of lines, each of them JSON in its one form.
check_lines() {
    require_file "$1"
    [ "$(tr -d ' -~\n' < "$1" | wc -c)" -eq 0 ] \
        || refuse_line "$1" 'it is no line in canonical form; it has other bytes than printable ASCII' '[^ -~]'
    jq -cS . "$1" > "$scratch/canonical" 2> "$scratch/error" || :
    cmp -s "$scratch/canonical" "$1" || refuse_first_difference "$1"
    ! has_escapes "$1" || refuse_escape "$1"
}

refuse_line() {
    number=$(grep -a -n "$3" "$1" | sed -n '1s/:.*//p')
    refuse "$1:${number:-1}" "$2"
}

refuse_escape() {
    sed 's/\\[\\"]//g' "$1" > "$scratch/unescaped"
    refuse "$1:$(grep -n '\\' "$scratch/unescaped" | sed -n '1s/:.*//p')" 'it is no line in canonical form; a string has an escape'
}

# jq writes what it understands up to the first thing that it does not: cmp says in which line the two part.
refuse_first_difference() {
    part=$(cmp "$scratch/canonical" "$1" 2>&1) || :
    number=${part##* line }
    case $part in
        *' after byte '*', line '*) number=$((number + 1)) ;;
        *' line '*) ;;
        *) number=1 ;;
    esac
    [ "$number" -le "$(wc -l < "$1")" ] || refuse "$1:$number" 'the last line does not end: the file was cut off'
    refuse "$1:$number" 'it is no line in canonical form'
}

# A file for each line, so that one sha256sum does them all, however many.
line_digests() {
    [ -s transcript.jsonl ] || return 0
    mkdir "$scratch/lines"
    split -l 1 -a 8 -d transcript.jsonl "$scratch/lines/"
    digests_of "$scratch/lines" '*'
}

# What may follow what: everything a quorum's signature means. The digests that jq cannot make are made beforehand.
check_rules() {
    text_digests statement %s "$scratch/lines-statement" > "$scratch/said"
    text_digests environment %s "$scratch/lines-environment" >> "$scratch/said"
    recorded_approvals > "$scratch/recorded"
    public_keys > "$scratch/public-keys"
    late_approvals > "$scratch/late"
    : > "$scratch/handed"
    [ -z "$has_gap" ] || handed_over > "$scratch/handed"
    judge transcript.jsonl record_facts 'kinds shapes signatures terms ceremony' transcript.jsonl -n \
        --slurpfile plan plan.json --slurpfile roster roster.json \
        --arg planDigest "$plan_digest" --arg rosterDigest "$roster_digest" \
        --rawfile digests "$scratch/digests" --rawfile fingerprints "$scratch/fingerprints" \
        --rawfile said "$scratch/said" --slurpfile recorded "$scratch/recorded" \
        --rawfile publicKeys "$scratch/public-keys" --slurpfile handed "$scratch/handed" \
        --rawfile sums "$scratch/sums" --arg sealing "$sealing_digest" --rawfile armors "$scratch/armors" \
        --rawfile files "$scratch/files" --rawfile rosterFiles "$scratch/roster-files" \
        --slurpfile late "$scratch/late"
    for name in approval passed refused handover machine statement aborted late; do : > "$scratch/facts-$name"; done
    close_attempt='' close_lines='' close_manifest='' stray='' stranger='' has_words=''
    while IFS=$tab read -r name text; do
        case $name in
            done) ;;
            closed) closed=$text ;;
            ceremony) ceremony=$text ;;
            close-attempt) close_attempt=$text ;;
            close-lines) close_lines=$text ;;
            close-manifest) close_manifest=$text ;;
            received) received=$text ;;
            stray) stray=$text ;;
            stranger) stranger=$text ;;
            words) has_words=$text ;;
            *) printf '%s\n' "$text" >> "$scratch/facts-$name" ;;
        esac
    done < "$scratch/verdict"
    held 'every line' 'the rules of a ceremony' consistent
}

# Each approval that the transcript records: its file, and the digests of file and signature, or null for what is missing.
# The chain's check has made sure that gate, attempt and name are fit for a path.
recorded_approvals() {
    sort -u "$scratch/lines-approval" > "$scratch/recorded-paths"
    require_canonical_all "$scratch/recorded-paths"
    recorded_files < "$scratch/recorded-paths"
}

# The same of those that lie there signed and are not on record, if they can be read: what else is there is told when its turn comes.
late_approvals() {
    grep '^approvals/[^/]*/[^/]*\.json$' "$scratch/files" | comm -23 - "$scratch/recorded-paths" > "$scratch/late-paths"
    while IFS= read -r path; do
        if is_canonical_document "$path"; then echo "$path"; fi
    done < "$scratch/late-paths" | recorded_files
}

# The same of what an air gap's hosts handed over: the chain's check has made sure that its number is one. What is not
# signed was not handed over yet.
handed_over() {
    sort -u "$scratch/lines-handed" > "$scratch/handed-paths"
    while IFS= read -r path; do
        [ ! -f "$path.sig" ] || echo "$path"
    done < "$scratch/handed-paths" > "$scratch/signed-paths"
    require_canonical_all "$scratch/signed-paths"
    recorded_files < "$scratch/handed-paths"
}

recorded_files() {
    while IFS= read -r path; do
        body=null
        if [ -f "$path" ] && [ -f "$path.sig" ]; then IFS= read -r body < "$path" || :; fi
        look_up "$path"
        recorded=${digest:+\"$digest\"}
        look_up "$path.sig"
        signature=${digest:+\"$digest\"}
        printf '{"path":"%s","digest":%s,"signature":%s,"body":%s}\n' \
            "$path" "${recorded:-null}" "${signature:-null}" "$body"
    done
}

# DIGEST BASE64 of every public key that the transcript has in base64's one form.
public_keys() {
    while IFS= read -r text; do
        printf '%s' "$text" | base64 -d > "$scratch/blob" 2> "$scratch/error" || continue
        [ "$(base64 -w 0 "$scratch/blob")" = "$text" ] || continue
        sum=$(sha256sum < "$scratch/blob")
        printf '%s %s\n' "${sum%% *}" "$text"
    done < "$scratch/lines-public-key"
}

# --- derived files and the seal

# Every statement file is its line's body, and there is no other.
check_statements() {
    number=10000000
    while IFS= read -r path; do
        number=$((number + 1))
        require_file "$path"
        cmp -s "$scratch/pieces/statement-$number" "$path" \
            || refuse "$path" 'it is not the statement that the transcript carries'
    done < "$scratch/facts-statement"
    [ -z "$stray" ] || refuse "$stray" 'the transcript carries no such statement'
    held statements/ 'the lines of the transcript that carry them' consistent
}

check_known_files() {
    [ -z "$stranger" ] || refuse "$stranger" 'a ceremony has no such file'
    held 'every file' 'the layout of a ceremony folder' consistent
}

# The manifest is made again and compared, byte for byte, and its digest with the one that the close's quorum signed.
check_manifest() {
    [ -n "$close_manifest" ] || return 0
    require_file MANIFEST
    look_up MANIFEST
    [ "$digest" = "$close_manifest" ] || refuse MANIFEST 'it is not the manifest that was signed'
    manifest > "$scratch/manifest"
    cmp -s "$scratch/manifest" MANIFEST || refuse "$(first_difference)" 'it is not as the manifest has it'
    held 'every other file' 'the manifest that the close signed' signed
}

manifest() {
    while read -r sum path; do
        case $path in
            MANIFEST | minutes.html | timestamp.tsq | timestamp.tsr | attestation.json | "statements/close-$close_attempt.json" | "approvals/close-$close_attempt/"*) continue ;;
            transcript.jsonl)
                sum=$(head -n "$close_lines" "$path" | sha256sum)
                sum=${sum%% *}
                ;;
        esac
        printf '%s  %s\n' "$sum" "$path"
    done < "$scratch/sums"
}

# A file that is not as listed, or one that is listed and missing.
first_difference() {
    sort "$scratch/manifest" > "$scratch/made"
    sort MANIFEST > "$scratch/listed"
    { comm -23 "$scratch/made" "$scratch/listed"; comm -13 "$scratch/made" "$scratch/listed"; echo "$zeros  MANIFEST"; } \
        | sed -n '1s/^.\{66\}//p'
}

# What was signed at a gate and is not on record was sealed all the same: approvals that came too late, and nothing else.
check_late_approvals() {
    while IFS=$tab read -r path fault gate name decision; do
        [ "$fault" = - ] || refuse "$path" "$fault"
        [ "${path##*/}" = "$name.json" ] || refuse "$path" "it is $name's, under another name"
        [ "$decision" = approve ] || refuse "$path" "$name refused, and that is not on record"
        held "$gate" "$name's approval, too late to count" signed
    done < "$scratch/facts-late"
}

# --- what came after the close

# The time stamp over the transcript's last line, where there is one (RFC 3161). Whoever names its authorities counts on
# there being one.
check_timestamp() {
    [ "$closed" = true ] || return 0
    if [ ! -f timestamp.tsr ] && [ ! -f timestamp.tsq ]; then
        [ -z "$authorities" ] || refuse timestamp.tsr 'it is missing'
        return 0
    fi
    check_request
    if [ ! -f timestamp.tsr ] && [ -z "$authorities" ]; then
        held timestamp.tsq 'nothing yet: it was not answered' asserted
    elif require_file timestamp.tsr && ! has_openssl; then
        held timestamp.tsr 'nothing: openssl is not installed' asserted
    else
        check_answer
    fi
}

# The request's DER has one form: version 1, SHA-256 of the line, a nonce of 8 bytes, the certificate wanted.
check_request() {
    require_file timestamp.tsq
    asked=$(head -c 100 timestamp.tsq | od -An -v -tx1 | tr -d ' \n')
    rest=${asked#"3043020101${sha256_imprint}$head"0208}
    nonce=${rest%0101ff}
    case ${#asked}-${#rest}-${#nonce}-$nonce in
        138-22-16-[4-7]*) ;;
        *) refuse timestamp.tsq "it is not the request that asks for a stamp over the transcript's end" ;;
    esac
}

# Status and stamp are read from what openssl writes of them before it comes to any text of the authority's own.
check_answer() {
    [ "$(wc -c < timestamp.tsr)" -le 65536 ] || refuse timestamp.tsr 'it is over 64 KiB'
    openssl_alone ts -reply -in timestamp.tsr -out "$scratch/again" || refuse timestamp.tsr 'it is no answer about a time stamp'
    cmp -s "$scratch/again" timestamp.tsr || refuse timestamp.tsr "it is not in DER's one form, or more follows it"
    openssl_alone ts -reply -in timestamp.tsr -text > "$scratch/answer" || refuse timestamp.tsr 'it cannot be read'
    [ "$(sed -n 2p "$scratch/answer")" = 'Status: Granted.' ] || refuse timestamp.tsr 'the authority did not grant it'
    openssl_alone ts -reply -in timestamp.tsr -token_out -out "$scratch/token" \
        && openssl_alone ts -reply -in "$scratch/token" -token_in -token_out -text > "$scratch/stamp" \
        || refuse timestamp.tsr 'it has no time stamp'
    od -An -v -tu1 timestamp.tsr > "$scratch/octets"
    judge timestamp.tsr timestamp_form timestamp.tsr "$scratch/octets" -s
    said other > "$scratch/others"
    check_signer_named
    check_stamp
    openssl_alone smime -verify -noverify -inform DER -in "$scratch/token" -out "$scratch/ignored" \
        || refuse timestamp.tsr 'its signature does not hold'
    [ -z "$authorities" ] || openssl_alone ts -verify -queryfile timestamp.tsq -in timestamp.tsr -CAfile "$scratch/authorities.pem" \
        -attime "$seconds" > "$scratch/ignored" \
        || refuse timestamp.tsr "the authorities that you named did not sign it so$(sed -n 's/.*:Verify error:/: Verify error:/p' "$scratch/error")"
    [ -z "$authorities" ] || check_other_certificates
    check_stamped_after_close
    if [ -n "$authorities" ]; then
        row signed timestamp.tsr "the authority you named, at $stamped"
    else
        held timestamp.tsr "an authority's word that it was there at $stamped" asserted
    fi
}

# A part of the answer: of so many bytes, after so many.
answer_part() {
    tail -c "+$(($1 + 1))" timestamp.tsr | head -c "$2"
}

# The signed attributes name the signer's certificate by its digest, where they do that with more than SHA-1.
check_signer_named() {
    named=$(said named)
    [ -n "$named" ] || return 0
    case ${#named} in
        96) bits=384 ;;
        128) bits=512 ;;
        *) bits=256 ;;
    esac
    # Two numbers, of which word splitting makes two arguments.
    found=$(answer_part $(said signer) | "sha${bits}sum")
    [ "${found%% *}" = "$named" ] || refuse timestamp.tsr "its signer's certificate is not the one that was signed with it"
}

# Every certificate beside the signer's was certified by the authorities as well, or is one of theirs.
check_other_certificates() {
    openssl_alone pkcs7 -inform DER -in "$scratch/token" -print_certs -out "$scratch/certificates.pem" \
        || refuse timestamp.tsr 'a certificate in it cannot be read'
    while read -r at size; do
        answer_part "$at" "$size" > "$scratch/certificate"
        openssl_alone x509 -inform DER -in "$scratch/certificate" -out "$scratch/certificate.pem" \
            && openssl_alone verify -no-CApath -no-CAstore -CAfile "$scratch/authorities.pem" \
                -untrusted "$scratch/certificates.pem" -attime "$seconds" "$scratch/certificate.pem" > "$scratch/ignored" \
            || refuse timestamp.tsr 'there is a certificate in it that the authorities that you named did not certify'
    done < "$scratch/others"
}

# Nobody can have seen the last line before it was written; two clocks may be five minutes apart.
check_stamped_after_close() {
    closed_at=$(tail -n 1 transcript.jsonl | jq -r .at)
    [ "$seconds" -ge $(($(date -u -d "$closed_at" +%s) - 300)) ] \
        || refuse timestamp.tsr "it was stamped at $stamped, and the ceremony was closed at $closed_at"
}

# That the stamp answers the request, and its time to the second.
check_stamp() {
    [ "$(stamp_field Version)" = 1 ] || refuse timestamp.tsr 'the stamp is of another version'
    message=$(sed -n '/^Message data:/,/^Serial number:/s/^    [0-9a-f]\{4\} - \(.\{47\}\).*/\1/p' "$scratch/stamp" | tr -d ' \n-')
    [ "$(stamp_field 'Hash Algorithm')" = sha256 ] && [ "$message" = "$head" ] \
        || refuse timestamp.tsr 'the stamp is over something else'
    [ "$(stamp_field Nonce)" = "0x$(echo "$nonce" | tr a-f A-F)" ] \
        || refuse timestamp.tsr 'the stamp answers another request: its nonce is another'
    time=$(stamp_field 'Time stamp' | sed -n 's/^\([A-Z][a-z]* *[0-9]* [0-9:]*\)\(\.[0-9]*\)\{0,1\} \([0-9]* GMT\)$/\1 \3/p')
    seconds=$(date -u -d "${time:-none}" +%s 2> "$scratch/error") || refuse timestamp.tsr "the stamp's time is none"
    [ "$seconds" -ge 0 ] || refuse timestamp.tsr "the stamp's time is none"
    stamped=$(date -u -d "@$seconds" +%Y-%m-%dT%H:%M:%SZ)
}

stamp_field() {
    sed -n "/^$1: /{s///p;q;}" "$scratch/stamp"
}

# One member's signature over the ceremony as a whole: a DSSE envelope around the in-toto Statement that is made here again.
check_attestation() {
    [ "$closed" = true ] && [ -f attestation.json ] || return 0
    require_canonical attestation.json
    judge attestation.json attestation_facts 'shapes attestation.json' attestation.json --rawfile fingerprints "$scratch/fingerprints"
    jq -j '.payload' attestation.json > "$scratch/payload"
    attested_form=keyrite.attestation/2
    states_ceremony || {
        # Before there was another form, it had no name.
        attested_form=''
        states_ceremony || refuse attestation.json 'it does not state what this ceremony was'
    }
    attester=$(said name)
    key=$(sed -n "s/^$attester$tab[^$tab]*$tab[^$tab]*$tab//p" "$scratch/members")
    case $attester-$key in
        ?*-ecdsa-sha2-nistp256\ *) ;;
        *) refuse attestation.json 'no member of the roster has that key, or it is not of P-256' ;;
    esac
    [ -n "$(jq -r --arg name "$attester" --slurpfile statement "$scratch/statement" '
        .members[] | select(.name == $name and .validUntil >= $statement[0].predicate.closed).name' roster.json)" ] \
        || refuse attestation.json "$attester's key was not valid any more when the ceremony was closed"
    said signature | tr -d '\n' > "$scratch/sig"
    base64 -d "$scratch/sig" > "$scratch/sig.der" 2> "$scratch/error" && base64 -w 0 "$scratch/sig.der" | cmp -s - "$scratch/sig" \
        || refuse attestation.json 'its signature does not hold'
    # openssl reads as many bytes as the longest signature has, and looks at nothing after them.
    length=$(od -An -j1 -N1 -tu1 "$scratch/sig.der" 2> "$scratch/error" | tr -d ' ')
    [ -n "$length" ] && [ "$(wc -c < "$scratch/sig.der")" -eq $((length + 2)) ] \
        || refuse attestation.json 'its signature does not hold'
    has_openssl || {
        held attestation.json 'nothing: openssl is not installed' asserted
        return 0
    }
    check_attester
    [ -z "$attested_form" ] || has_lower_number \
        || refuse attestation.json 'its signature is not the one of two whose second number is lower'
    held attestation.json "the signature of $attester" signed
}

states_ceremony() {
    ceremony_statement > "$scratch/statement"
    base64 -w 0 "$scratch/statement" | cmp -s - "$scratch/payload"
}

# Whether s is at most half of the group's order (SEC 2, secp256r1), of the signature's (r, s) in DER: anybody can make
# (r, n - s), which signs the same.
has_lower_number() {
    length=$(od -An -j3 -N1 -tu1 "$scratch/sig.der" | tr -d ' ')
    s=$(od -An -v -tx1 -j $((length + 6)) "$scratch/sig.der" | tr -d ' \n')
    printf '%64s\n%s\n' "${s#00}" 7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8 | tr ' ' 0 | sort -C
}

check_attester() {
    printf '%s\n' "$key" > "$scratch/key.pub"
    ssh-keygen -e -m PKCS8 -f "$scratch/key.pub" > "$scratch/key.pem" 2> "$scratch/error" \
        || refuse attestation.json "$attester's key cannot be read"
    {
        printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(wc -c < "$scratch/statement")"
        cat "$scratch/statement"
    } > "$scratch/to-sign"
    openssl_alone dgst -sha256 -verify "$scratch/key.pem" -signature "$scratch/sig.der" "$scratch/to-sign" \
        > "$scratch/ignored" || refuse attestation.json 'its signature does not hold'
}

# Every line of the manifest, the manifest, and what the ceremony was.
ceremony_statement() {
    write_filter ceremony_statement attestation.json
    tail -n 1 transcript.jsonl | jq -cSj -f "$scratch/filter.jq" --slurpfile plan plan.json \
        --arg planDigest "$plan_digest" --arg rosterDigest "$roster_digest" --rawfile manifest MANIFEST \
        --arg manifestDigest "$close_manifest" --arg head "$head" --arg form "$attested_form"
}

# What came of holding the transcript to AWS's own record: all of it is done again, with the events that are there.
check_reconciliation() {
    findings=''
    [ "$closed" = true ] && [ -f reconciliation.jsonl ] || return 0
    check_record_limits
    check_lines reconciliation.jsonl
    [ -s reconciliation.jsonl ] || refuse reconciliation.jsonl:1 'the last line does not end: the file was cut off'
    parts="kinds shapes terms reconciliation.jsonl"
    judge reconciliation.jsonl recorded_facts "$parts" reconciliation.jsonl -n --slurpfile plan plan.json \
        --arg planDigest "$plan_digest" --arg head "$head" \
        --argjson lines "$(wc -l < transcript.jsonl)"
    record_digests > "$scratch/record-digests"
    judge reconciliation.jsonl recorded_event_facts "$parts" reconciliation.jsonl -n \
        --rawfile digests "$scratch/record-digests"
    check_unique_names
    judge reconciliation.jsonl reconciled_facts "$parts" transcript.jsonl -n --slurpfile plan plan.json \
        --slurpfile recorded reconciliation.jsonl
    findings=$(said words)
    held reconciliation.jsonl "$(said row)" "AWS's record"
}

# What is larger is no record that anybody would look at.
check_record_limits() {
    require_file reconciliation.jsonl
    [ "$(wc -c < reconciliation.jsonl)" -le 134217728 ] || refuse reconciliation.jsonl 'it is over 128 MiB'
    [ "$(wc -l < reconciliation.jsonl)" -le 200001 ] || refuse reconciliation.jsonl:200002 'it has over 200000 events'
    longer=$(cut -b 16777217- reconciliation.jsonl | grep -a -n -o -m 1 '^.') || return 0
    refuse "reconciliation.jsonl:${longer%%:*}" 'the line is over 16 MiB'
}

# What one of the rules makes of each event's line.
#   event_lines FILTER FILE
event_lines() {
    write_filter "$1" 'shapes reconciliation.jsonl'
    jq -nr -f "$scratch/filter.jq" "$2"
}

# The SHA-256 of each event as AWS wrote it.
record_digests() {
    event_lines recorded_texts reconciliation.jsonl > "$scratch/record-texts"
    text_digests record %b "$scratch/record-texts" | cut -c 1-64
}

# Of two values under one name jq takes the last, whatever others do: no object of an event may have a name twice. Read piece
# by piece, each member shows as often as it stands there.
check_unique_names() {
    event_lines event_texts reconciliation.jsonl > "$scratch/events"
    jq -c tostream "$scratch/events" > "$scratch/members-once"
    jq -c --stream . "$scratch/events" > "$scratch/members"
    cmp "$scratch/members" "$scratch/members-once" > "$scratch/difference" 2> "$scratch/error" && return 0
    first=$(sed 's/.* //' "$scratch/difference")
    # An event ends with the name of its last member by itself, or is empty.
    whole=$(head -n "$((${first:-1} - 1))" "$scratch/members" \
        | grep -a -c -E '^(\[\["([^"\]|\\.)*"\]\]|\[\[\],.*)$') || :
    refuse "reconciliation.jsonl:$((whole + 2))" "its record is no event of CloudTrail's: a name stands twice in one object"
}

# --- the rules, for jq

write_rules() {
    cat << 'RULES'
# --- words

# How far two clocks may be apart, in seconds.
def clock_tolerance: 300;
def demand(holds; otherwise): if holds then . else error(otherwise) end;
# The same, of a file instead of the line at hand.
def demand_of($path; holds; otherwise): if holds then . else error({place: $path, reason: otherwise}) end;
def gates: ["authorize", "release", "activate", "close"];
def purposes: ["import", "proof"];
def list: split("\n")[:-1];

# 2026-11-23T18:33:00Z, of a day that the calendar has.
def is_time:
  test("\\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\\z") and . >= "1970"
  and (try (fromdateiso8601 | todateiso8601) catch null) == .;
def ssh_time: explode - ("-T:" | explode) | implode;
# Percent-encoded text in its one form: "%" and bytes outside 0x20-0x7E, and no others, written %XX; together UTF-8.
def is_said:
  "%[89AB][0-9A-F]" as $next
  | test("\\A([ -$&-~]|%(0[0-9A-F]|1[0-9A-F]|25|7F)|%(C[2-9A-F]|D[0-9A-F])\($next)|%E0%[AB][0-9A-F]\($next)"
      + "|%(E[1-9A-CEF])(\($next)){2}|%ED%[89][0-9A-F]\($next)|%F0%[9AB][0-9A-F](\($next)){2}"
      + "|%F[1-3](\($next)){3}|%F4%8[0-9A-F](\($next)){2})+\\z");
# What is wrong with a text that people said, null where nothing is.
def said_fault:
  if . == "" then "it says nothing"
  elif is_said then null
  else
    (match("\\A([ -$&-~]|%(0[0-9A-F]|1[0-9A-F]|25|7F|[89A-F][0-9A-F]))*") | .length) as $at
    | "text is not percent-encoded in its one form (byte \(if $at == length then 0 else $at end)): \"%\" and bytes outside "
      + "0x20-0x7E, and no others, are written %XX with uppercase digits, and the bytes are UTF-8"
  end;
def demand_text(text): (text | said_fault) as $fault | demand($fault == null; $fault);
def is_name: test("\\A[a-z0-9][a-z0-9-]{0,31}\\z");
def is_exhibit: test("\\A[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\\z");
def hex: "0123456789abcdef" as $digits | map($digits[. / 16 | floor:][:1] + $digits[. % 16:][:1]) | add // "";

# What a rule has for the shell, a line each: a word, a tab, and more. What it refuses goes to the person who reads.
def told: map(tostring) | join("\t");
def refusal($place): ["REFUSED", .place // $place, .reason];
def answer:
  if .refused then (.refused | if type == "object" then . else {reason: .} end | refusal("-")) else .texts // [] | .[], ["done"] end
  | told;

# Files with their digests, and signatures with their base64.
def by_path($sums): [$sums | list[] | {key: .[66:], value: .[:64]}] | from_entries;
def by_signature($armors):
  [$armors | list[] | index(" ") as $blank | {key: .[:$blank], value: .[$blank + 1:]}] | from_entries;

# What printf %b makes the bytes of a percent-encoded text of.
# What stands for each byte, by the two digits that encode it.
def by_digits(text):
  ("0123456789ABCDEF" | split("")) as $digits
  | [range(256) | {key: ($digits[. / 16 | floor] + $digits[. % 16]), value: text}] | from_entries;
def octals: by_digits("\\0\(. / 64 | floor)\(. % 64 / 8 | floor)\(. % 8)");
def characters: by_digits([.] | implode);
# A percent-encoded text with that in place of each byte that is.
def with_bytes($table): split("%") | .[0] + ([.[1:][] | $table[.[0:2]] + .[2:]] | add // "");
def for_printf($octals): if . == "" then . else split("\\") | join("\\\\") | with_bytes($octals) end;
def for_printf: for_printf(octals);

# --- kinds

# The kinds of key that can be made and imported, by KMS's names.
def secret_bytes: {SYMMETRIC_DEFAULT: 32, HMAC_224: 28, HMAC_256: 32, HMAC_384: 48, HMAC_512: 64};
# How the base64 of each kind's public key begins, and how long it is.
def public_keys:
  {RSA_2048: ["MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", 392],
    RSA_3072: ["MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEA", 564],
    RSA_4096: ["MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEA", 736],
    ECC_NIST_P256: ["MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", 124],
    ECC_NIST_P384: ["MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE", 160],
    ECC_NIST_P521: ["MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQ", 212],
    ECC_SECG_P256K1: ["MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE", 120]};
def key_specs:
  ["SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "RSA_2048", "RSA_3072", "RSA_4096",
    "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1"];
def keeps_materials: . == "SYMMETRIC_DEFAULT";
def is_secret: . as $spec | secret_bytes | has($spec);
def usages:
  if keeps_materials then ["ENCRYPT_DECRYPT"]
  elif is_secret then ["GENERATE_VERIFY_MAC"]
  elif startswith("RSA_") then ["SIGN_VERIFY", "ENCRYPT_DECRYPT"]
  elif . == "ECC_SECG_P256K1" then ["SIGN_VERIFY"]
  else ["SIGN_VERIFY", "KEY_AGREEMENT"] end;
def algorithm: if is_secret then "RSAES_OAEP_SHA_256" else "RSA_AES_KEY_WRAP_SHA_256" end;
def ways: if is_secret then ["direct"] else ["by token", "composed"] end;
def proofs: if keeps_materials then ["none", "second import"] else ["commitment"] end;

# --- shapes
#
# Each by its name, and bodies by the kind of their line. They are constants: jq reads those once, and everything else again for
# each of its own definitions.

def shapes:
  {gate: "authorize|release|activate|close",
    purpose: "import|proof",
    "key spec": ("SYMMETRIC_DEFAULT|HMAC_224|HMAC_256|HMAC_384|HMAC_512|RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|"
      + "ECC_NIST_P521|ECC_SECG_P256K1"),
    attribute: {name: "text", value: "text"},
    validity: {from: "time", until: "time"},
    aws: {partition: "text", account: "text", region: "text", endpoint: "text", stsEndpoint: "text", authorities: "text",
      proxy: "text", caller: "text",
      "callers?": {"create?": "text", fetch: "text", import: "text", activate: "text"}},
    token: {label: "text", manufacturer: "text", model: "text", serial: "text"},
    environment: {aws: "aws", token: "token", module: "sha256", programs: [{host: "text", program: "sha256"}]},
    # What one host sees of it: across an air gap, its side's.
    observed: {"aws?": "aws", "token?": "token", "module?": "sha256", programs: [{host: "text", program: "sha256"}]},
    retention: "retain|lock|destroy",
    wrapping: {keySpec: "text"},
    algorithm: "RSAES_OAEP_SHA_256|RSA_AES_KEY_WRAP_SHA_256",
    profile: {keySpec: "key spec", algorithm: "algorithm", way: "direct|by token|composed",
      attributes: ["attribute"]},
    settings: {description: "text", multiRegion: "flag", policy: "text", policyDigest: "sha256",
      tags: [{key: "text", value: "text"}]},
    grant: {id: "text", "name?": "text", grantee: "text", "retiring?": "text", operations: ["text"], "constraints?": "text"},
    # KMS wants all material that a key ever used.
    effect: "the whole key is unusable until every missing material, this one too, is imported again",
    "check values": {cmac: "text", ecb: "text"},
    # What is imported again, and what becomes of the key.
    reimported: {material: "text", state: "CURRENT|NON_CURRENT", importState: "IMPORTED|PENDING_IMPORT", "expiryBefore?": "expiry",
      "descriptionBefore?": "text", expiry: "expiry",
      effect: ("the key is usable: it has all the material that it ever used"
        + "|the key stays unusable until the other material that it lacks is imported again, too"),
      "checkValues?": "check values",
      "hsmKeyOrigin?": "restored from a backup, or brought over: this token did not make it, and it may have been outside of an HSM; KMS takes it only if it is the same material"},
    slot: {slot: "text", strategy: "import|rotate|replace|reimport|revoke", keySpec: "key spec",
      keyUsage: "ENCRYPT_DECRYPT|GENERATE_VERIFY_MAC|SIGN_VERIFY|KEY_AGREEMENT", key: "text", "alias?": "text",
      "createsAlias?": "flag", "label?": "text", "id?": "text", "description?": "text", "currentMaterial?": "text",
      "rotationsUsed?": "integer", policy: "sha256", proof: "none|second import|imported as existing|commitment", trustedWrapping: "flag",
      retention: "retention", "backup?": "text", "probe?": {ciphertext: "text", plaintext: "sha256"}, "new?": "settings",
      "old?": "settings", "grants?": ["grant"],
      "revoked?": {material: "text", state: "CURRENT|NON_CURRENT", effect: "effect"}, "reimported?": "reimported"},
    requirement: {role: "administrator|custodian|witness|auditor", count: "integer"},
    policy: {rules: [{gate: "gate", requirements: ["requirement"]}], separate: [{one: "gate", other: "gate"}],
      "approvalHours?": "integer", foldsActivate: "flag"},
    host: {host: "text", key: "text"},
    gap: {hsm: "host", connected: "host", sealing: "text"},
    plan: {schema: "text", mode: "live|rehearsal", ceremony: "text", nonce: "text", title: "text", created: "time",
      window: "validity", roster: "sha256", policy: "policy", environment: "environment", "gap?": "gap",
      wrapping: "wrapping", profiles: ["profile"], slots: ["slot"]},
    handover: {schema: "text", mode: "live|rehearsal", ceremony: "text", number: "integer", from: "text", to: "text",
      seq: "integer", head: "text", at: "time", files: [{path: "text", sha256: "sha256"}]},
    roster: {schema: "text", mode: "live|rehearsal", sequence: "integer", "previous?": "sha256",
      members: [{name: "text", role: "administrator|custodian|witness|auditor", key: "text",
        "userPresence?": "none|touched|verified", validFrom: "time", validUntil: "time"}],
      rules: {authorize: ["requirement"], release: ["requirement"], activate: ["requirement"],
        close: ["requirement"], change: ["requirement"]}},
    approval: {schema: "keyrite.approval/1", mode: "live|rehearsal", ceremony: "text", gate: "gate", attempt: "integer",
      plan: "sha256", statement: "sha256", name: "text", role: "administrator|custodian|witness|auditor", key: "text",
      decision: "approve|refuse", "reason?": "text", at: "time"},
    note: {by: "text", text: "text"},
    deviation: {by: "text", what: "text", why: "text", remedy: "text",
      "machine?": {host: "text", program: "sha256", "unsettled?": {seq: "integer", kind: "event kind"}}},
    abort: {by: "text", reason: "text"},
    target: {spki: "sha256", token: "sha256"},
    finding: {check: "text", result: "pass|warn|unknown|simulated|asserted", "detail?": "text"},
    difference: {slot: "text", what: "text", planned: "text", observed: "text"},
    folded: {slot: "text", key: "text", commitment: "text", "alias?": "text", "aliasTargetBefore?": "text",
      "aliasTargetAfter?": "text", "materialBefore?": "text", policy: "sha256", "rotationsUsed?": "integer",
      retention: "retention", "backup?": "sha256", "intendedBefore?": "integer"},
    subject: {"authorize?": {title: "text", policy: "policy", aws: "aws", token: "token", "gap?": "gap",
        "wrapping?": "wrapping", profiles: ["profile"], slots: ["slot"], differences: ["difference"]},
      "release?": {keySpec: "text", caller: "text", "activator?": "text", endpoint: "text", token: "text", deadline: "time",
        warnings: ["finding"], differences: ["difference"],
        slots: [{slot: "text", key: "text", algorithm: "algorithm", commitment: "text",
          takesEffect: "at import|at activation", expiry: "text", "reimported?": "reimported",
          "hsmKey?": {label: "text", id: "text", checkValues: "check values", "attributes?": ["attribute"], "differences?": ["difference"]},
          "intendedBefore?": "integer", "import?": "target", "proof?": "target"}],
        "activations?": ["folded"]},
      "activate?": {"caller?": "text", slots: [{slot: "text", key: "text", "alias?": "text", "aliasTargetBefore?": "text",
        "aliasTargetAfter?": "text", "materialBefore?": "text", materialAfter: "text", policy: "sha256",
        "rotationsUsed?": "integer", retention: "retention", "backup?": "sha256", "intendedBefore?": "integer"}],
        "revocations?": [{slot: "text", key: "text", "alias?": "text", material: "text", state: "CURRENT|NON_CURRENT",
          currentMaterial: "text", effect: "effect", "intendedBefore?": "integer"}]},
      "close?": {head: "text", lines: "integer", "aborted?": "abort", "unsettled?": {seq: "integer", kind: "event kind"},
        exceptions: ["sha256"], manifest: "sha256"}},
    statement: {schema: "keyrite.statement/1", mode: "live|rehearsal", ceremony: "text", nonce: "text", gate: "gate",
      attempt: "integer", plan: "sha256", roster: "sha256", environment: "sha256",
      anchor: {seq: "integer", head: "text"},
      earlier: [{gate: "gate", attempt: "integer", statement: "sha256"}],
      decisions: [{gate: "gate", attempt: "integer", name: "text", decision: "approve|refuse", approval: "sha256"}],
      exceptions: [{seq: "integer", exception: "deviation"}],
      subject: "subject", validity: "validity"},
    learned: {"request?": "text"},
    line: {seq: "integer", prev: "text", at: "time", host: "text", kind: "text", body: "any"}};
def body_shapes:
  {"run-started": {ceremony: "text", plan: "sha256", roster: "sha256", environment: "observed"},
    "gate-opened": "statement",
    approval: {gate: "gate", attempt: "integer", name: "text", decision: "approve|refuse", approval: "sha256",
      signature: "sha256"},
    "gate-passed": {gate: "gate", attempt: "integer",
      counted: [{name: "text", approval: "sha256", signature: "sha256"}]},
    "self-test-intended": {token: "text"},
    "self-tested": {token: "text", held: ["text"], findings: ["finding"]},
    "generate-intended": {slot: "text", label: "text", id: "text"},
    generated: {slot: "text", attributes: ["attribute"], commitment: "text",
      "checkValues?": "check values", "publicKey?": "text"},
    "create-intended": {slot: "text", label: "text", policy: "sha256", "caller?": "text"},
    created: {slot: "text", key: "text", policy: "sha256", learned: "learned"},
    "fetch-intended": {slot: "text", purpose: "purpose", "caller?": "text"},
    fetched: {slot: "text", purpose: "purpose", spki: "sha256", token: "sha256", validUntil: "time", request: "text", "tlsLeaf?": "sha256"},
    "wrap-intended": {release: "integer", orders: [{slot: "text", purpose: "purpose", spki: "sha256"}]},
    wrapped: {blobs: [{slot: "text", purpose: "purpose", blob: "sha256", trusted: "flag"}]},
    "wrap-abandoned": {release: "integer"},
    "import-intended": {slot: "text", key: "text", blob: "sha256", token: "sha256", "description?": "text",
      "caller?": "text"},
    imported: {slot: "text", material: "text", learned: "learned"},
    "import-abandoned": {slot: "text", material: "text"},
    "prove-intended": {slot: "text", material: "text", blob: "sha256", token: "sha256", description: "text",
      "caller?": "text"},
    proved: {slot: "text", material: "text", learned: "learned"},
    "rotate-intended": {slot: "text", key: "text", from: "text", to: "text", "caller?": "text"},
    rotated: {slot: "text", material: "text", rotationsUsed: "integer", learned: "learned"},
    "alias-intended": {slot: "text", alias: "text", from: "text", to: "text", "caller?": "text"},
    "alias-set": {slot: "text", alias: "text", target: "text", learned: "learned"},
    "alias-abandoned": {slot: "text", alias: "text"},
    "activation-verified": {slot: "text", "alias?": "text", "aliasTarget?": "text", "oldMaterial?": "text",
      newMaterial: "text"},
    "revoke-intended": {slot: "text", key: "text", material: "text", "caller?": "text"},
    revoked: {slot: "text", material: "text", learned: "learned"},
    "revoke-abandoned": {slot: "text", material: "text"},
    "revocation-verified": {slot: "text", material: "text", keyState: "text"},
    "reimport-verified": {slot: "text", material: "text", state: "CURRENT|NON_CURRENT", expiry: "expiry", keyState: "text"},
    "settle-intended": {slot: "text", retention: "retention"},
    settled: {slot: "text", attributes: ["attribute"]},
    note: "note",
    exception: "deviation",
    exhibit: {by: "text", name: "text", what: "text", file: "sha256"},
    aborted: "abort",
    refused: {code: "text", "request?": "text", "earlierCall?": "flag"},
    "handed-over": {number: "integer", to: "text"},
    received: {number: "integer", handover: "sha256", signature: "sha256"},
    "sealing-destroy-intended": {certificate: "sha256"},
    "sealing-destroyed": {certificate: "sha256"},
    closed: {manifest: "sha256"}};

# Whether a value has a shape: fixed keys ("?" after the optional ones), lists of one kind, and these words or the shapes' names.
def fits($shape):
  . as $value
  | if ($shape | type) == "object" then
      type == "object" and keys - ($shape | keys | map(rtrimstr("?"))) == []
      and all($shape | to_entries[];
        . as $entry | (.key | rtrimstr("?")) as $key
        | if ($value | has($key)) then ($value[$key] | fits($entry.value)) else (.key | endswith("?")) end)
    elif ($shape | type) == "array" then type == "array" and all(.[]; fits($shape[0]))
    elif $shape == "any" then true
    elif $shape == "flag" then type == "boolean"
    elif $shape == "integer" then
      type == "number" and (tostring | test("\\A(0|-?[1-9][0-9]{0,15})\\z")) and fabs <= 9007199254740991
    elif shapes | has($shape) then fits(shapes[$shape])
    elif type != "string" then false
    elif $shape == "text" then true
    elif $shape == "sha256" then test("\\A[0-9a-f]{64}\\z")
    elif $shape == "time" then is_time
    elif $shape == "said" then is_said
    elif $shape == "event kind" then . as $kind | body_shapes | has($kind)
    elif $shape == "expiry" then . == "never" or is_time
    else any($shape | split("|")[]; . == $value)
    end;

# --- signatures

# Base64 in its one form, in hex.
def is_base64: test("\\A([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?\\z");
# How many bytes it is of.
def base64_bytes: length / 4 * 3 - (length - (rtrimstr("=") | rtrimstr("=") | length));
def base64_hex:
  (rtrimstr("=") | rtrimstr("=") | explode
    | map(if . >= 97 then . - 71 elif . >= 65 then . - 65 elif . >= 48 then . + 4 elif . == 47 then 63 else 62 end)) as $digits
  # Two of its digits are three of the others.
  | [range(0; $digits | length; 2) as $at
      | $digits[$at] * 64 + ($digits[$at + 1] // 0)
      | (. / 256 | floor), (. / 16 | floor) % 16, . % 16
      | if . < 10 then . + 48 else . + 87 end]
  | implode[:($digits | length) * 6 / 8 | floor * 2];
# A text as a string of the SSH protocol, in hex.
def wire: explode | [0, 0, 0, length] + . | hex;
# A string of the SSH protocol, in hex as it is given.
def hex_string: ([0, 0, 0, length / 2] | hex) + .;
def hex_number: explode | reduce .[] as $digit (0; . * 16 + if $digit >= 97 then $digit - 87 else $digit - 48 end);
# The string with which that begins, and what follows it; nothing where it is not whole.
def parted: (.[:8] | hex_number * 2) as $size | select(length >= 8 + $size) | [.[8:8 + $size], .[8 + $size:]];
def after($words): select(startswith($words)) | .[($words | length):];

# The kinds of key that count: how they begin, and how long in hex is what makes one key out of all names for it. Those
# on a FIDO2 authenticator have their application after that.
def key_kinds:
  {"ecdsa-sha2-nistp256": 128, "ssh-ed25519": 64, "sk-ecdsa-sha2-nistp256@openssh.com": 128,
    "sk-ssh-ed25519@openssh.com": 64};
def is_authenticators: startswith("sk-");
# "ssh:" and more, 64 bytes at most of 0x21 to 0x7E, with its length before it.
def is_application:
  (length / 2 - 4) as $length
  | $length <= 64 and startswith([0, 0, 0, ($length | floor)] | hex)
    and test("\\A.{8}7373683a(2[1-9a-f]|[3-6].|7[0-9a-e])*\\z");
# The point or the 32 bytes, in hex, of a key of this type, in hex as SSH has it in its one form; null of any other.
def wired_key($type):
  . as $blob
  | key_kinds[$type // ""] as $length
  | if $length == null then null else
      (($type | wire) + if $length == 128 then ("nistp256" | wire) + "0000004104" else "00000020" end) as $beginning
      | $blob[($beginning | length):][:$length] as $itself
      | $blob[($beginning | length) + $length:] as $rest
      | if ($blob | startswith($beginning)) and ($itself | length) == $length
          and (if $type | is_authenticators then $rest | is_application else $rest == "" end)
        then $itself else null end
    end;
# An Ed25519 key, with either sign, whose y is that of a point of small order, for which everybody can sign, or is not
# below the prime 2^255 - 19, which is a second form of another. OpenSSH takes them all.
def is_everybodys:
  test("\\A(0[01](00){30}[08]0|(e[c-f]|f.)(ff){30}[7f]f"
    + "|26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc[08]5"
    + "|c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03[7f]a)\\z");

# A positive number in its shortest form, below the order of P-256 (SEC 2, 2.4.2).
def is_number:
  test("\\A(00[89a-f]|0[1-9a-f]|[1-7])")
  and ((if startswith("00") then .[2:] else . end) | length <= 64
    and "0" * (64 - length) + . < "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
# The S of an Ed25519 signature, little-endian: OpenSSH takes S plus the order of the group for S.
def is_below_order:
  . as $bytes | [range(62; -2; -2) | $bytes[.:. + 2]] | add
  | . < "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";
# r and s, or the 64 bytes of an Ed25519 signature.
def is_value($type):
  if $type | contains("ecdsa-") then
    [parted | select(.[0] | is_number) | .[1] | parted | select(.[0] | is_number) | .[1] == ""] == [true]
  else length == 128 and (.[64:] | is_below_order) end;

# What a signature in its one form has, given in hex; nothing of any other.
def signature_parts:
  # "SSHSIG", version 1, the key, the namespace, nothing reserved, one of two hashes; then the signature, which begins with the
  # key's type, as the key does. What follows is an authenticator's: its flags, of which two have a meaning here, 01 (touched)
  # and 04 (verified), and its counter.
  after("53534853494700000001") | parted as [$key, $afterKey]
  | $afterKey | parted as [$space, $rest]
  | $rest | after("00000000") | after(("736861353132", "736861323536") | hex_string)
  | parted | select(.[1] == "") | .[0]
  | first(key_kinds | keys[] | . as $type | select($key | startswith($type | wire))) as $type
  | select($key | wired_key($type) | . != null and (is_everybodys | not))
  | ([range(0; $space | length; 2) as $at | $space[$at:$at + 2] | hex_number] | implode) as $namespace
  | select($namespace | test("\\A[a-z0-9.-]{1,128}\\z"))
  | after($type | wire) | parted | select(.[0] | is_value($type)) | .[1]
  | select(length == if $type | is_authenticators then 10 else 0 end)
  | {key: $key, namespace: $namespace, seen: .};

# What is wrong with a signature, given in base64, that can be seen without reckoning: `fault`, and what ssh-keygen does not look
# for, `lack`, what the roster demands of the authenticator and was not there. Null for nothing.
def signature_fault($key; $presence; $namespace):
  {fault: "the SSH signature is not in its one form"} as $otherwise
  | if . == null or (is_base64 | not) then $otherwise else
      [base64_hex | signature_parts][0] as $parts
      | if $parts == null then $otherwise
        elif $parts.seen | . != "" and (test("\\A0[0145]") | not) then
          {fault: "\($otherwise.fault); the authenticator set other flags than presence and verification"}
        elif $parts.namespace != $namespace then
          {fault: "the SSH signature is for \"\($parts.namespace)\", not for \"\($namespace)\""}
        elif $parts.key != ($key | split(" ")[1] | base64_hex) then {fault: "the SSH signature is by another key"}
        elif $presence == "touched" and ($parts.seen | test("\\A0[15]") | not) then {lack: "a touch of the authenticator"}
        elif $presence == "verified" and ($parts.seen | startswith("05") | not) then
          {lack: "a touch of the authenticator and its PIN or fingerprint"}
        else null end
    end;
# --- roster.json

def key_itself:
  split(" ") as [$type, $base64]
  | if (split(" ") | length) != 2 or ($base64 | is_base64 | not) then null else $base64 | base64_hex | wired_key($type) end;
# What OpenSSH has besides, by name.
def refused_kind:
  {"ssh-rsa": "an RSA key", "ssh-dss": "a DSA key", "ecdsa-sha2-nistp384": "an ECDSA P-384 key",
    "ecdsa-sha2-nistp521": "an ECDSA P-521 key", "ssh-xmss@openssh.com": "an XMSS key"}[split(" ")[0] // ""];
def check_member:
  demand(.name | is_name; "\"\(.name[:40] | split("%") | join("%25"))\" is no name")
  | demand(.key | refused_kind == null;
      "\(.name)'s key cannot be used; it is \(.key | refused_kind): enrol an ECDSA P-256 or Ed25519 key, on a FIDO2 "
      + "authenticator or not")
  | (.key | key_itself) as $key
  | demand($key != null; "\(.name)'s key cannot be used; it is of no kind that counts, or not in its one form")
  | demand($key | is_everybodys | not;
      "\(.name)'s key cannot be used; it belongs to everybody, or is not in its one form")
  | demand(has("userPresence") or (.key | is_authenticators | not);
      "\(.name)'s key is on an authenticator, and nothing says what that must see of them")
  | demand((has("userPresence") | not) or (.key | is_authenticators);
      "\(.name) has a userPresence, and a key that is on no authenticator")
  | demand(.validFrom > "1970-01-01T00:00:00Z" and .validFrom < .validUntil;
      "\(.name) is valid from \(.validFrom) until \(.validUntil)");

# What each gate needs, or a change of the roster.
def check_requirements($of):
  . as $roster | .rules[$of] as $rules
  | (if $of == "change" then "a change of the roster" else "the gate \($of)" end) as $what
  | demand($rules != []; "\($what) needs nobody")
  | demand(($rules | map(.role) | unique | length) == ($rules | length); "\($what) names a role twice")
  | reduce $rules[] as $rule (.;
      ([$roster.members[] | select(.role == $rule.role)] | length) as $present
      | demand($rule.role != "administrator"; "\($what) counts the administrator")
      | demand($rule.count >= 1; "\($what) needs \($rule.count) of role \($rule.role)")
      | demand($rule.count <= $present;
          "\($what) needs \($rule.count) of role \($rule.role) and the roster has \($present)"));

def check_names:
  [.members[].name] as $names
  | reduce range(1; $names | length) as $i (.;
      demand($names[$i - 1] != $names[$i]; "two members have the name \($names[$i])")
      | demand($names[$i - 1] < $names[$i]; "\($names[$i]) stands after \($names[$i - 1])"));

# Of the keys themselves, whatever else stands beside them.
def check_keys:
  .members as $members
  | [$members[].key | key_itself] as $keys
  | reduce range(1; $keys | length) as $i (.;
      [range($i) | select($keys[.] == $keys[$i])][-1] as $same
      | demand($same == null; "\($members[$same].name) and \($members[$i].name) have the same key"
          + if $members[$same].key == $members[$i].key then "" else " under two names" end));

def allowed_signers:
  "keyrite.gate.v1.\(.mode),keyrite.roster.v1.\(.mode)" as $namespaces
  | .members
  | map("\(.name) namespaces=\"\($namespaces)\",valid-after=\"\(.validFrom | ssh_time)\","
      + "valid-before=\"\(.validUntil | ssh_time)\" \(.key)");

def roster_facts:
  try (
    demand(fits("roster"); "it is no roster in canonical form")
    | demand(.schema == "keyrite.roster/1"; "its schema is not keyrite.roster/1")
    | demand(.sequence >= 1; "its sequence is \(.sequence)")
    | demand(.sequence > 1 or (has("previous") | not); "it is the first, and names one before it")
    | demand(.sequence == 1 or has("previous"); "it is number \(.sequence), and names none before it")
    | reduce .members[] as $member (.; . as $roster | ($member | check_member) | $roster)
    | check_names
    | check_keys
    | ([.members[] | select(.role == "administrator")] | length) as $administrators
    | demand($administrators == 1; "it has \($administrators) administrators")
    | reduce (gates + ["change"])[] as $of (.; check_requirements($of))
    | {mode, allowedSigners: allowed_signers,
        members: (.members | map([.name, (.validFrom | ssh_time), .userPresence // "-", .key] | @tsv))}
  ) catch {refused: {reason: .}};

# What the shell has to do about a roster. First what it amounts to.
def reading($edition):
  $edition.roster | roster_facts
  | if .refused then .refused | refusal($edition.file) else
      ["roster", $edition.file, .mode], (.members[] | ["member", .]), (.allowedSigners[] | ["signer", .]),
      ["keys", $edition.file]
    end;

# A person's signature over a roster, in a file, with what is wrong with it.
def signature($word; $edition; $file; $armors):
  . as $member
  | ($armors[$file] | signature_fault($member.key; $member.userPresence; "keyrite.roster.v1.\($edition.roster.mode)")) as $fault
  | [$word, $file, .name, (.validFrom | ssh_time),
    $fault.fault // if $fault == null then "-" else "no user presence, it was signed without \($fault.lack)" end];

# Then whether it follows the one before it, whose keys must agree, and who must accept it with a key of its own: everybody in
# the first, later whoever is new, or has another key or role than before.
def following($edition; $last; $armors; $sums):
  $edition.roster as $new
  | ($last.roster.members // []) as $old
  | ((try ($new
      | demand(.sequence == $edition.number; "it is number \(.sequence) where number \($edition.number) belongs")
      | demand($last == null or .mode == $last.roster.mode;
          "it is for \(.mode), and the roster before it for \($last.roster.mode)")
      | demand($last == null or .previous == $sums[$last.file];
          "it follows another roster than number \($edition.number - 1)")
      | null) catch .) | values | ["REFUSED", $edition.file, .]),
    ($new.members[]
      | select(. as $member | any($old[]; .name == $member.name and .key == $member.key and .role == $member.role) | not)
      | signature("accepts"; $edition; "\($edition.folder)/\(.name).sig"; $armors)),
    ([$old[] | select(.role | IN($last.roster.rules.change[]?.role))
        | . + {file: "\($edition.folder)/change/\(.name).sig"} | select($sums[.file] != null)] as $consenting
      | ($consenting[] | signature("consents"; $edition; .file; $armors)),
        ($last.roster.rules.change[]?
          | . as $rule | (.count - ([$consenting[] | select(.role == $rule.role)] | length)) as $missing
          | select($missing > 0)
          | ["REFUSED", $edition.file, "its change misses \($missing) of role \(.role) in roster \($last.roster.sequence)"])),
    ["edition", $edition.number, $edition.file];

# Of the rosters from the first on; each but the only one is read when its turn comes, and the last before all others.
def roster_steps($armors; $sums):
  {file: "roster.json", roster: $roster[0]} as $current
  | reading($current),
    (range($rosters | length) as $i
      | ($rosters[$i] | .number = $i + 1) as $edition
      | (if $edition.file == "roster.json" and $i == 0 then empty else reading($edition) end),
        following($edition; if $i == 0 then null else $rosters[$i - 1] end; $armors; $sums)),
    ["done"];

# --- terms

def distinct(f): map(f) | (unique | length) == length;

# What deletes material makes none, and releases none.
def imports_material: .strategy != "revoke";
def is_revocation: any(.slots[]; .strategy == "revoke");
# What is imported again takes effect at the import: nothing is left to activate.
def is_reimport: any(.slots[]; .strategy == "reimport");

# What the plan asks of the quorum beyond the roster, and what a gate then needs: of each role the larger count.
def place: . as $gate | gates | index($gate);
def raised($more):
  . as $rules
  | map(. as $rule | .count = ([.count, ($more[] | select(.role == $rule.role) | .count)] | max))
    + ($more | map(select(.role | IN($rules[].role) | not)));
def own_requirements($policy; $gate):
  reduce ($policy.rules[] | select(.gate == $gate)) as $rule ($roster[0].rules[$gate]; raised($rule.requirements));
# A release that is signed for the activation too needs what both gates need.
def requirements($policy; $gate):
  own_requirements($policy; $gate)
  | if $policy.foldsActivate and $gate == "release" then raised(own_requirements($policy; "activate")) else . end;
def gates_of($policy): gates - if $policy.foldsActivate then ["activate"] else [] end;
# The gates that open: what deletes material releases none, and what imports it again activates none.
def gates_opened:
  gates_of($plan[0].policy) - if $plan[0] | is_revocation then ["release"] else [] end
    - if $plan[0] | is_reimport then ["activate"] else [] end;
def gates_apart($policy; $gate):
  gates | map(select(. as $other
    | any($policy.separate[]; (.one == $gate and .other == $other) or (.one == $other and .other == $gate))));
def members($role): [$roster[0].members[] | select(.role == $role)] | length;

# Who calls KMS for an effect that is intended: the plan's one caller, or that of the role. The format before this one did not
# say so.
def role: {"create-intended": "create", "fetch-intended": "fetch", "import-intended": "import", "prove-intended": "import",
    "rotate-intended": "activate", "alias-intended": "activate", "revoke-intended": "activate"};
def caller_of($plan; $role): $plan.environment.aws | if has("callers") then .callers[$role] else .caller end;
def planned_caller($kind): if $plan[0].schema == "keyrite.plan/1" then null else caller_of($plan[0]; role[$kind]) end;

# The id in the ARN of a key of the plan's account and Region; null of any other text.
def id_of_key($aws):
  "arn:\($aws.partition):kms:\($aws.region):\($aws.account):key/" as $beginning
  | if startswith($beginning) and (.[($beginning | length):] | test("\\A[A-Za-z0-9-]+\\z")) then .[($beginning | length):]
    else null end;

# --- plan.json

def hours($window): ($window.until | fromdateiso8601) - ($window.from | fromdateiso8601) | . / 3600 | floor;
# What the HSM's key of a kind must be: of a key pair, its private half.
def template:
  . as $spec
  | def settings($names; $value): [$names[] | [., $value]];
    def kept: settings(["CKA_TOKEN", "CKA_PRIVATE", "CKA_SENSITIVE", "CKA_EXTRACTABLE"]; "true");
    def secret($type; $check):
      [["CKA_CLASS", "CKO_SECRET_KEY"], ["CKA_KEY_TYPE", $type], ["CKA_VALUE_LEN", "\(secret_bytes[$spec])"]] + kept
      + (["CKA_ENCRYPT", "CKA_DECRYPT", "CKA_SIGN", "CKA_VERIFY", "CKA_WRAP", "CKA_UNWRAP", "CKA_DERIVE"]
        | map([., "\(. == $check)"]));
    if keeps_materials then secret("CKK_AES"; "CKA_ENCRYPT")
    elif is_secret then secret("CKK_GENERIC_SECRET"; "CKA_SIGN")
    else
      [["CKA_CLASS", "CKO_PRIVATE_KEY"], ["CKA_KEY_TYPE", if startswith("RSA_") then "CKK_RSA" else "CKK_EC" end]]
      + kept + settings(["CKA_DECRYPT", "CKA_SIGN", "CKA_UNWRAP", "CKA_DERIVE"]; "false")
    end
  | map({name: .[0], value: .[1]});

# Each strategy has its fields, and no others.
def has_its_fields:
  . as $slot
  | def has_all($names): all($names[]; . as $name | $slot | has($name));
    def has_none($names): all($names[]; . as $name | $slot | has($name) | not);
    if .strategy == "rotate" then
      has_all(["alias", "currentMaterial", "rotationsUsed"]) and has_none(["createsAlias", "new", "old", "grants"])
    elif .strategy == "replace" then
      has_all(["alias", "currentMaterial", "new", "old", "grants"]) and has_none(["createsAlias", "rotationsUsed"])
    elif .strategy == "revoke" then
      has_all(["currentMaterial", "revoked"])
      and has_none(["createsAlias", "label", "id", "description", "rotationsUsed", "probe", "new", "old", "grants"])
      and .proof == "none" and (.trustedWrapping | not) and .retention == "retain"
    elif .strategy == "reimport" then
      has_all(["currentMaterial", "reimported"])
      and has_none(["createsAlias", "rotationsUsed", "probe", "new", "old", "grants"]) and .retention == "retain"
    else
      has("alias") == has("createsAlias") and has_none(["currentMaterial", "rotationsUsed", "new", "old", "grants"])
    end
    and ((imports_material | not)
      or has_all(["label", "id"]) and has_none(["revoked"])
        and has("probe") == (.strategy != "import" and .strategy != "reimport" and (.keySpec | keeps_materials))
        and has("description") == (.keySpec | keeps_materials))
    and has("reimported") == (.strategy == "reimport")
    and has("backup") == (.retention != "retain");

def check_revoked:
  demand(.keySpec | keeps_materials; "\(.slot) is \(.keySpec), whose material KMS does not name")
  | demand((.revoked.material == .currentMaterial) == (.revoked.state == "CURRENT");
      "the material of \(.slot) to delete is current, and is not, or the other way round");

def check_reimported:
  demand(.keySpec | keeps_materials; "\(.slot) is \(.keySpec), whose material KMS does not name")
  | demand((.reimported.material == .currentMaterial) == (.reimported.state == "CURRENT");
      "the material of \(.slot) to import again is current, and is not, or the other way round")
  | demand(.reimported | has("expiryBefore") == (.importState == "IMPORTED");
      "the material of \(.slot) to import again is there and has no expiry, or the other way round")
  | demand(all(.reimported.descriptionBefore // empty; said_fault == null);
      "the material of \(.slot) to import again has a description that is not percent-encoded in its one form")
  | demand(all(.reimported.checkValues // {} | .[]; test("\\A[0-9a-f]{6}\\z"));
      "the HSM key of \(.slot) to import again has check values that are not 3 bytes in hex");

def check_settings($whose):
  demand(.policy == "" or (.policy | is_said); "\($whose) has a policy that is not percent-encoded in its one form")
  | demand(.tags | map(.key) | . == unique; "\($whose) has tags that are not sorted, or one of them twice");

def check_replacement:
  . as $slot
  | (.new | check_settings("the new key of \($slot.slot)")) as $new
  | demand(any($new.tags[]; . == {key: "keyrite", value: $slot.label});
      "the new key of \(.slot) has not the tag by which it is found again")
  | demand($new.tags | length <= 50; "the new key of \(.slot) has too many tags")
  | (.old | check_settings("the old key of \($slot.slot)")) as $old
  | demand($old.policyDigest == .policy; "the old key of \(.slot) has another policy than the slot");

def check_slot:
  . as $slot
  | demand(.slot | test("\\A[A-Za-z0-9._-]{1,180}\\z"); "a slot's name is not fit for a file")
  | demand(.id // ("0" * 32) | test("\\A[0-9a-f]{32}\\z"); "the id of \(.slot) is not 16 bytes in hex")
  | demand(has_its_fields; "\(.slot) has not the fields of \(.strategy), or others beside them")
  | demand(.keyUsage | IN($slot.keySpec | usages[]); "\(.slot) is \(.keySpec) for another usage")
  | demand(.proof | IN(if $slot.strategy == "reimport" then "imported as existing" else $slot.keySpec | proofs[] end); "\(.slot) has a proof that its kind of key cannot have")
  | demand(.strategy != "rotate" or (.keySpec | keeps_materials);
      "\(.slot) is \(.keySpec), which has one material for ever")
  | demand(.rotationsUsed // 0 | 0 <= . and . < 25;
      "\(.slot) has spent \(.rotationsUsed) of the 25 on-demand rotations that a key ever has")
  | if has("revoked") then check_revoked else . end
  | if has("reimported") then check_reimported else . end
  | demand((.trustedWrapping | not) or (.keySpec | is_secret);
      "\(.slot) is \(.keySpec), which cannot be wrapped under trusted keys alone")
  | demand(.backup // "a" | is_exhibit; "the backup of \(.slot) is named by no exhibit's name")
  | demand(.retention == "retain" or .new.multiRegion != true; "\(.slot) is multi-Region, and its HSM key is not retained")
  | if .strategy == "replace" then check_replacement else . end;

def check_raised($rule):
  $rule.gate as $gate
  | demand($rule.requirements != []; "the rule of \($gate) names no role")
  | demand($rule.requirements | distinct(.role); "the rule of \($gate) names a role twice")
  | reduce $rule.requirements[] as $wanted (.;
      ([$roster[0].rules[$gate][] | select(.role == $wanted.role) | .count][0] // 0) as $least
      | demand($wanted.role != "administrator"; "the rule of \($gate) counts the administrator")
      | demand($wanted.count >= 1; "the rule of \($gate) asks for \($wanted.count) of role \($wanted.role)")
      | demand($wanted.count >= $least;
          "the rule of \($gate) asks for \($wanted.count) of role \($wanted.role), and the roster for \($least)"));

# Whether the gate could be left with too few people, whoever signs at the gates before it that it is separate from.
def check_met($policy; $gate):
  (gates_apart($policy; $gate) | map(select(place < ($gate | place)))) as $before
  | reduce requirements($policy; $gate)[] as $wanted (.;
      [$before[] as $other | requirements($policy; $other)[] | select(.role == $wanted.role) | {gate: $other, count}] as $others
      | demand(([$wanted.count, $others[].count] | add) <= members($wanted.role);
          "\($gate) needs \($wanted.count) of role \($wanted.role)"
          + (if $others == [] then "" else
              ", others than " + ($others | map("the \(.count) of \(.gate)") | join(" and ")) end)
          + ", and the roster has \(members($wanted.role))"));

def check_quorum_policy($policy):
  demand(($policy.approvalHours // 1) as $hours | 1 <= $hours and $hours <= 168;
    "approvals that count for \($policy.approvalHours) hours")
  | demand($policy.rules | map(.gate | place) | . == unique;
      "the rules of gates are not in their order, or one stands there twice")
  | reduce $policy.rules[] as $rule (.; check_raised($rule))
  | reduce $policy.separate[] as $pair (.; demand($pair.one != $pair.other; "\($pair.one) is separated from itself"))
  | demand(($policy.foldsActivate | not) or all($policy.separate[]; .one != "activate" and .other != "activate");
      "activate is separated from another gate, and folded into release")
  | demand($policy.separate | map([.one, .other | place]) | . == unique and all(.[]; .[0] < .[1]);
      "the pairs of separate gates are not in order, or one stands there twice")
  | reduce gates_of($policy)[] as $gate (.; check_met($policy; $gate));

# Of each host of an air gap one program and one key of its own, which is nobody's on the roster, and a certificate.
def is_plain_key: key_itself as $itself | $itself != null and (is_authenticators or ($itself | is_everybodys) | not);
def check_gap:
  .gap as $gap
  | if $gap == null then . else
      [$gap.hsm, $gap.connected] as $hosts
      | demand(all($hosts[].host; test("\\A[A-Za-z0-9._-]+\\z")) and $hosts[0].host != $hosts[1].host;
          "its hosts have one name, or one that is no host's")
      | demand((.environment.programs | map(.host) | sort) == ($hosts | map(.host) | sort);
          "it does not say of its two hosts, and no others, which program they run")
      | demand(all($hosts[].key; is_plain_key) and ($hosts | distinct(.key | key_itself));
          "its hosts' keys are not two plain keys")
      | demand($gap.sealing | is_base64 and (base64_bytes | 1 <= . and . <= 4096);
          "its sealing certificate is none")
      | reduce $hosts[] as $host (.; demand(all($roster[0].members[].key; key_itself != ($host.key | key_itself));
          "the key of the host \($host.host) is a person's on the roster"))
    end;

# Each is one of the account; where roles are apart, no two are one user, or sessions of one IAM role.
def check_callers:
  . as $read | .environment.aws as $aws
  | ([$aws.caller] + [$aws.callers // {} | .[]]) as $callers
  | if .schema == "keyrite.plan/1" then demand($aws | has("callers") | not; "its form has one caller") else
      demand(all($callers[]; startswith("arn:\($aws.partition):iam::\($aws.account):")
            or startswith("arn:\($aws.partition):sts::\($aws.account):"));
          "a caller is none of its account")
      | demand($callers | distinct(split("/") | if .[0] | endswith(":assumed-role") then .[:2] else . end);
          "two of its roles have one caller")
      | demand(all(.slots[]; .strategy != "replace") or caller_of($read; "create") != null;
          "it makes a key, and none of its roles does")
    end;

# What people, KMS, STS, the token or the hosts say in it, which is percent-encoded.
def free_texts:
  def settings_texts: .description, (.tags[] | .key, .value);
  .title,
  (.slots[]
    | .description // empty, (.new, .old | values | settings_texts),
      (.grants // [] | .[] | .id, .name // empty, .grantee, .retiring // empty, .operations[], .constraints // empty)),
  (.environment
    | (.aws | .proxy, .caller, (.callers // {} | .create // empty, .fetch // empty, .import // empty, .activate // empty)),
      (.token | .label, .manufacturer, .model, .serial), .programs[].host);

# Whether its names and numbers can be of what they name.

def check_environment_names:
  .environment as $seen | $seen.aws as $aws
  | demand(($aws.partition | test("\\Aaws(-[a-z-]*)?\\z")) and ($aws.account | test("\\A[0-9]{12}\\z"))
        and ($aws.region | test("\\A[a-z0-9-]+\\z"));
      "its partition, account or Region is none of AWS's")
  | demand(all($aws | .endpoint, .stsEndpoint; test("\\Ahttps?://[^ ]+\\z")); "an endpoint is no URL")
  | demand($aws.authorities == "system" or ($aws.authorities | test("\\A[0-9a-f]{64}\\z"));
      "its certificate authorities are neither the system's nor a file's SHA-256")
  | demand($aws.proxy != "" and $aws.caller != ""; "its proxy or its caller says nothing")
  | demand($seen.token.serial != ""; "its token has no serial number")
  | demand($seen.programs != [] and ($seen.programs | distinct(.)) and all($seen.programs[]; .host != "");
      "it names no program, one of them twice, or one of no host");
def check_slot_names($aws):
  . as $slot
  | (.key | id_of_key($aws)) as $id
  | demand($id != null; "the key of \(.slot) is none of the plan's account and Region")
  | demand(.alias // "alias/a" | test("\\Aalias/[A-Za-z0-9/_-]+\\z") and (startswith("alias/aws/") | not);
      "the alias of \(.slot) is none that a customer's key can have")
  | demand(.slot == if has("alias") then .alias[6:] | split("/") | join(".") else $id end;
      "\(.slot) is called neither by its alias nor, where it has none, by its key")
  | demand(.["label"] // "a" | . != "" and (contains("%") | not); "the HSM key of \(.slot) has no label, or one with a % in it")
  | demand(.description // "a" | test("\\A[A-Za-z0-9:/_ .-]{1,256}\\z");
      "the description of \(.slot) is none that KMS keeps with material")
  | demand(all(.currentMaterial, .revoked.material, .reimported.material | values; test("\\A[A-Za-z0-9_-]{1,64}\\z"));
      "a material of \(.slot) has a name that KMS gives none")
  | demand(.probe.ciphertext // "AA==" | is_base64 and (base64_bytes | 1 <= . and . <= 6144);
      "the probe of \(.slot) is no ciphertext in base64's one form")
  | demand([.grants // [] | .[].id] | distinct(.) and all(.[]; . != "");
      "two grants of \(.slot) have one id, or one has none")
  | reduce ({new, old} | to_entries[] | select(.value != null)) as $key (.;
      demand($key.value.policy != ""; "the \($key.key) key of \($slot.slot) has no policy")
      | demand(all($key.value.tags[]; .key != ""); "the \($key.key) key of \($slot.slot) has a tag without a name"));
def check_plan_names:
  demand(.title != ""; "its title says nothing")
  | demand(.created <= .window.from; "it was made after its window began")
  | check_environment_names
  | .environment.aws as $aws
  | reduce .slots[] as $slot (.; . as $checked | ($slot | check_slot_names($aws)) | $checked);

# Whether an endpoint leads to the machine that calls it, or may: by a name that is kept for it, by 127.0.0.0/8 or 0.0.0.0/8, by an
# IPv6 address that begins with zeros, in which those may be embedded, or by an address in another writing than four numbers.
def is_own_machine:
  (ascii_downcase | .["https://" | length:]) as $rest
  | if $rest | startswith("[") then $rest | test("\\A\\[[0:]")
    else
      ($rest | [splits("[:/]")][0] | split(".") | map(select(. != ""))) as $labels
      | $labels == [] or ($labels[-1] | IN("localhost", "ip6-localhost", "ip6-loopback"))
        or $labels == ["localhost", "localdomain"]
        or (($labels[-1] | test("\\A([0-9]+\\z|0x)"))
          and ((($labels | length) == 4 and all($labels[]; test("\\A(0|[1-9][0-9]*)\\z")) | not)
            or ($labels[0] | IN("0", "127"))))
    end;

def plan_facts:
  try (
    demand(fits("plan"); "it is no plan in canonical form")
    | demand(.schema | IN("keyrite.plan/1", "keyrite.plan/2"); "its schema is none of keyrite.plan/1, keyrite.plan/2")
    | demand(.roster == $rosterDigest and .mode == $roster[0].mode; "it was made for another roster: put that one back, or freeze a new plan for this one")
    | demand(.ceremony | test("\\A[a-z0-9][a-z0-9-]{0,63}\\z"); "its ceremony's name is fit for no file")
    | demand(.nonce | test("\\A[0-9a-f]{64}\\z"); "its nonce is not 32 bytes in hex")
    | reduce free_texts as $text (.;
        demand($text == "" or ($text | is_said); "a text in it is not percent-encoded in its one form: \($text)"))
    | demand(.window.from <= .window.until and hours(.window) <= 168; "its window is none")
    | demand(.mode == "rehearsal" or (.environment | .token.model != "REHEARSAL-ONLY"
          and (.aws.endpoint | startswith("https://")) and (.aws.stsEndpoint | startswith("https://")));
        "it is live, with a rehearsal's token or an endpoint without TLS")
    | demand(.mode == "rehearsal" or (.environment
          | ([.token.manufacturer, .token.model | contains("SoftHSM")] | any | not)
            and ([.aws.endpoint, .aws.stsEndpoint | is_own_machine] | any | not));
        "it is live, with a token in software or an endpoint on its own machine")
    | check_callers
    | check_gap
    | demand(.wrapping.keySpec | test("\\ARSA_(2048|3072|4096)\\z");
        "it wraps otherwise than under RSA_2048, RSA_3072 or RSA_4096")
    | demand(.slots != []; "it has no slots")
    | reduce (["slot", "slots"], ["key", "keys"], ["alias", "aliases"], ["label", "labels"], ["id", "ids"])
        as [$name, $names] (.;
          demand([.slots[][$name] // empty] | distinct(.); "two of its \($names) are the same"))
    | reduce .slots[] as $slot (.; . as $checked | ($slot | check_slot) | $checked)
    | demand((is_revocation | not) or all(.slots[]; .strategy == "revoke");
        "it deletes material, and does something else beside it")
    | demand((is_revocation and .policy.foldsActivate) | not;
        "it folds *activate* into a release, and deletes material, which has none")
    | demand((is_reimport | not) or all(.slots[]; .strategy == "reimport");
        "it imports material again, and does something else beside it")
    | demand((is_reimport | not) or (.policy | (.foldsActivate | not) and all(.rules[]; .gate != "activate")
          and all(.separate[]; .one != "activate" and .other != "activate"));
        "it asks for people at *activate*, and has nothing to activate")
    | .window.until as $until | (.created | fromdateiso8601 + 365 * 86400 | [., 253402300799] | min | todateiso8601) as $latest
    | reduce (.slots[] | select(has("reimported") and .reimported.expiry != "never")) as $slot (.;
        demand($until < $slot.reimported.expiry; "the material of \($slot.slot) expires before the plan's window is over")
        | demand($slot.reimported.expiry <= $latest;
            "the material of \($slot.slot) is to stay for longer than KMS keeps what expires"))
    | demand((.profiles | map(.keySpec)) == (.slots | map(select(imports_material) | .keySpec) as $used | key_specs | map(select(IN($used[]))));
        "it does not say of its kinds of key, and no others, how they are made")
    | reduce .profiles[] as $profile (.;
        demand($profile | .algorithm == (.keySpec | algorithm) and ([.way] - (.keySpec | ways) == [])
            and .attributes == (.keySpec | template);
          "it makes or wraps \($profile.keySpec) otherwise than a key to be imported"))
    | check_plan_names
    | .policy as $policy | check_quorum_policy($policy)
    | {texts: [(.slots[] | .slot as $name | {new, old} | to_entries[] | .key as $whose | .value | select(. != null)
          | ["policy", .policyDigest, "the \($whose) key of \($name)", (.policy | for_printf)]),
        (.gap // {} | del(.sealing) | to_entries[] | ["host", .key, "-", "-", .value.key]),
        (.gap // empty | ["sealing", .sealing])]}
  ) catch {refused: {reason: .}};

def plan_steps:
  $plan[0] | plan_facts | if .refused then .refused | refusal("plan.json") else .texts[] end, ["done"];

# --- transcript.jsonl

def check_line($number; $previous):
  demand(fits("line"); "it is no line in canonical form")
  | demand(body_shapes[.kind] as $shape | $shape != null and (.body | fits($shape));
      "it is no line in canonical form; its body is not shaped as its kind")
  | demand(.kind != "gate-opened" or (.body.subject | length) == 1;
      "it is no line in canonical form; a subject has one key, its gate")
  | demand(.seq == $number; "its number is \(.seq): a line is missing or moved")
  | demand(.prev == $previous; "it does not follow from the line before it");

# What a line has that the shell makes digests of, or compares with a file.
def line_texts:
  if .kind == "gate-opened" then ["statement", (.body | tojson)]
  elif .kind == "run-started" then ["environment", (.body.environment | tojson)]
  # Of a name that could be no file's, the rules say more.
  elif .kind == "approval" then
    .body | select(.name | is_name) | ["approval", "approvals/\(.gate)-\(.attempt)/\(.name).json"]
  elif .kind == "handed-over" then ["handed", "handovers/\(.body.number).json"]
  elif .kind == "generated" then
    .body.publicKey // empty | select(test("\\A[A-Za-z0-9+/=]+\\z")) | ["public-key", .]
  else empty end;
def line_steps:
  ($digests | list | map(.[:64])) as $digests
  | (foreach inputs as $line ({count: 0};
      .count as $count
      | {count: ($count + 1),
        fault: (try ($line | check_line($count + 1; if $count == 0 then "0" * 64 else $digests[$count - 1] end) | null) catch .)};
      if .fault then ["REFUSED", "transcript.jsonl:\(.count)", .fault] else $line | line_texts end)),
    ["done"];

# One document after the other, up to what does not hold: what follows it is not looked at.
def until_refused(steps): label $refused | steps | told, if .[0] == "REFUSED" then break $refused else empty end;
def document_steps:
  roster_steps(by_signature($armors); by_path($sums)), if $plan == [] then empty else plan_steps end;

# --- ceremony
#
# What may follow what in transcript.jsonl. The state is what the lines amount to so far: the open attempt, the gates passed, each slot's progress.

def slot($name): .slots[$name] // error("no slot \($name) in the plan");
def is_passed($gate): any(.passed[]; .statement.gate == $gate);
def statement($gate): first(.passed[] | .statement | select(.gate == $gate)) // null;
def wanted($planned): if $planned | imports_material | not then [] elif $planned.proof == "second import" then purposes else ["import"] end;
def profile($spec): first($plan[0].profiles[] | select(.keySpec == $spec));
# The key that a slot's new material is for, of the slot's state; null while it is still to be created.
def key_of: if .plan.strategy == "replace" then .created.key else .plan.key end;
# Whether everything is imported, and proved where the plan wants that: before, nothing is activated.
def is_activatable:
  all(.slots[]; .imported != null and (.plan.proof != "second import" or .proved.material == .imported.material));
# What a release says of an activation, and the material that KMS returned for the commitment.
def folded_activation($name):
  .slots[$name] as $slot
  | first((statement("release").subject.release.activations // [])[]
      | select(.slot == $name and .commitment == $slot.generated.commitment)) // null
  | if . == null then . else del(.commitment, .intendedBefore) | .materialAfter = $slot.imported.material end;
def activation($slot):
  if $plan[0].policy.foldsActivate then if is_activatable then folded_activation($slot) else null end
  else first(statement("activate") | select(. != null) | .subject.activate.slots[] | select(.slot == $slot)) // null end;
# What *activate* was signed to delete for a slot.
def revocation($slot):
  first(statement("activate") | select(. != null) | .subject.activate.revocations[]? | select(.slot == $slot)) // null;
def is_verified: .verified != null or .["revocation-verified"] != null or .["reimport-verified"] != null;
# Whether nothing is left to do for the slot.
def is_done: .settled != null or .["revocation-verified"] != null;
def changes_alias: .aliasTargetBefore != .aliasTargetAfter;
# What of a slot's purposes is still to be done, of the slot's state: what a fetch, a release and a wrap are about.
def outstanding:
  {import: (.imported == null), proof: (.proved == null)} as $wanting
  | [wanted(.plan)[] | select($wanting[.])];
def orders:
  [.slots[] | .slot as $slot
    | (.import // empty | {slot: $slot, purpose: "import", spki}), (.proof // empty | {slot: $slot, purpose: "proof", spki})];
def provenance: [{name: "CKA_LOCAL", value: "true"}, {name: "CKA_ALWAYS_SENSITIVE", value: "true"}];
def has_attributes($wanted): distinct(.name) and ($wanted - . == []);
# What a token says of where a key is from.
def origin: . as $read | [provenance[] as $own | first($read[] | select(.name == $own.name))];
# The same, and that the token made the key itself; of one that the plan has as restored, that it did not. Whether that was ever to
# be read elsewhere, the token may not know.
def has_attributes_of($planned; $wanted):
  . as $read
  | has_attributes($wanted
      + if $planned.reimported.hsmKeyOrigin == null then provenance
        else
          [{name: "CKA_LOCAL", value: "false"},
            ({name: "CKA_ALWAYS_SENSITIVE"} | .value = if $read | any(. == {name: "CKA_ALWAYS_SENSITIVE", value: "false"}) then "false"
              else "true" end)]
        end);
def differences_of_origin($slot):
  . as $read
  | [provenance[] as $own | $read[] | select(.name == $own.name and .value != $own.value)
    | {slot: $slot, what: .name, planned: $own.value, observed: .value}];

def initial:
  {seq: 0, last: null, closed: false, exceptions: [], exhibits: [], aborted: null, unsettled: null, left: [], host: null,
    selfTested: null, machines: [], wrapped: {}, commitments: {}, tokens: {}, requests: {}, materials: {}, misnamed: null, words: false, lastReceived: null, hasBlobs: false, intent: null, environment: null, open: null, passed: [], counted: [],
    decisions: [], attempts: {}, asked: {}, statements: [], approvals: [], handovers: [], opened: 0, runs: 0,
    holder: "connected", carried: null, received: 0, sealingDestroyed: false,
    slots: ($plan[0].slots | map({key: .slot, value: {plan: ., fetched: {}, blobs: {}}}) | from_entries)};

# Two hosts, and an air gap between them: whose turn it is.

def other_side: if . == "hsm" then "connected" else "hsm" end;
# The side that alone writes lines of a kind; null where either does.
def side_of($kind):
  if $kind | IN("self-test-intended", "self-tested", "generate-intended", "generated", "wrap-intended", "wrapped",
      "wrap-abandoned", "settle-intended", "settled") then "hsm"
  elif $kind | IN("create-intended", "created", "fetch-intended", "fetched", "import-intended", "imported", "import-abandoned",
      "prove-intended", "proved", "rotate-intended", "rotated", "alias-intended", "alias-set", "alias-abandoned", "activation-verified",
      "revoke-intended", "revoked", "revoke-abandoned", "revocation-verified", "reimport-verified", "refused", "sealing-destroy-intended", "sealing-destroyed") then "connected"
  else null end;

# Of one host, only an exception may come before another machine's first run.
def demand_turn($kind; $host; $namesMachine):
  $plan[0].gap as $gap
  | if $gap == null then
      demand($kind | IN("handed-over", "received", "sealing-destroy-intended", "sealing-destroyed") | not;
        "a hand-over in a ceremony of one host")
      | demand($kind == "run-started" or $namesMachine or $host == .host;
          "it was written by another host than that of the run before it")
    elif .carried != null then
      demand($kind == "received"; "it was written while the folder was carried")
      | demand($host == .carried.to; "it was received by another host")
    else
      .holder as $holder
      | demand($host == $gap[$holder].host; "it was written by a host whose turn it was not")
      | demand(side_of($kind) // $holder | . == $holder; "it is for the other host to do")
      | demand($kind == "run-started" or .environment != null;
          "it was written before this turn's run saw what is around it")
    end;

def admit_handed_over($line; $digest):
  ($line | {number: .body.number, from: .host, to: .body.to, seq, head: $digest, at}) as $carried
  | demand(.intent == null; "it was handed over while an effect had no result")
  | demand(.open == null; "it was handed over while a gate stood open")
  | demand($carried.number == .received + 1; "it is not the next hand-over")
  | demand($carried.to == $plan[0].gap[.holder | other_side].host; "it was handed over to another host than the plan's")
  | .carried = $carried
  | .holder |= other_side
  | .environment = null;

def handover_path: "handovers/\(.).json";
# The files of which nothing that follows changes a byte.
def lasting_files($number; $facts):
  ["plan.json", "roster.json", "allowed_signers", .statements[], .exhibits[]]
  + [$facts.sums | keys[] | select(startswith("roster/") or startswith("rosters/"))]
  + [(.approvals[].path), (range(1; $number) | handover_path) | ., "\(.).sig"]
  | unique;
# Blobs and tokens, which go; the manifest of a close that did not come about; what was not put on record yet.
def may_be_handed($statements):
  split("/") as $names
  | . == "MANIFEST"
    or (($names | length) == 2 and ($names[0] | IN("exhibits", "wrapped", "tokens"))
      and ($names[1] | test("\\A[A-Za-z0-9._-]+\\z")))
    or (($names | length) == 3 and $names[0] == "approvals" and ("statements/\($names[1]).json" | IN($statements[]))
      and ($names[2] | IN($roster[0].members[].name + (".json", ".json.sig"))));

# What a hand-over says that the line announced before.
def check_announced($path; $said):
  .carried as $carried
  | demand_of($path; $said | fits("handover"); "it is no hand-over in canonical form")
  | demand_of($path; $said.schema == "keyrite.handover/1"; "its schema is not keyrite.handover/1")
  | demand_of($path; $said.mode == $plan[0].mode and $said.ceremony == $plan[0].ceremony; "it is of another ceremony")
  | demand_of($path; $said.number == $carried.number; "it is another hand-over")
  | demand_of($path; $said.from == $carried.from and $said.to == $carried.to; "it goes from or to another host")
  | demand_of($path; ($said | {seq, head, at}) == ($carried | {seq, head, at}); "it hands over another transcript")
  | demand_of($path; $said.files | map(.path) | . == unique; "its files are not in their order");

# What was handed over, but for its signature, which the shell has checked.
def check_handover($path; $said; $facts):
  check_announced($path; $said)
  | .statements as $statements
  | ($said.files | map({key: .path, value: .sha256}) | from_entries) as $listed
  | lasting_files($said.number; $facts) as $lasting
  | reduce $lasting[] as $file (.;
      demand_of($file; $listed[$file] != null; "\($path) does not list it")
      | demand_of($file; $facts.sums[$file] != null; "it is missing")
      | demand_of($file; $facts.sums[$file] == $listed[$file]; "it is not the file that \($path) lists"))
  | reduce (($listed | keys) - $lasting)[] as $file (.;
      demand_of($path; $file | may_be_handed($statements); "it lists \($file), which was no file of the ceremony then"))
  | .handovers += [{path: $path, side: (.holder | other_side), verifyTime: ($said.at | ssh_time)}];

def admit_received($body; $facts):
  .carried as $carried
  | demand($carried != null and $carried.number == $body.number; "the receipt of what was not handed over")
  | ($body.number | handover_path) as $path
  | $facts.handed[$path] as $file
  | demand_of($path; $file.digest != null; "it is missing")
  | demand_of($path; $file.digest == $body.handover; "it is not the file that the transcript recorded")
  | demand_of("\($path).sig"; $file.signature != null; "it is missing")
  | demand_of("\($path).sig"; $file.signature == $body.signature; "it is not the file that the transcript recorded")
  | check_handover($path; $file.body; $facts)
  | .carried = null
  | .received = $body.number;

# One that nobody received yet holds, too, once it is signed.
def check_carried($facts):
  if .carried == null then . else
    (.carried.number | handover_path) as $path
    | $facts.handed[$path] as $file
    | if $file.signature == null then . else
        demand_of($path; $file.digest != null; "it is missing") | check_handover($path; $file.body; $facts)
      end
  end;

# run-started

# What the host at hand must see of what the plan binds: all of it, or its side's.
def seen_from($host):
  .holder as $holder
  | $plan[0] | .gap as $gap | .environment
  | if $gap == null then . else
      .programs |= map(select(.host == $host)) | if $holder == "hsm" then del(.aws) else del(.token, .module) end
    end;

def admit_run($run; $digest; $host):
  seen_from($host) as $planned
  | .machines as $machines
  | demand($run.ceremony == $plan[0].ceremony; "it belongs to another ceremony")
  | demand_of("plan.json"; $run.plan == $planDigest; "the transcript was written under another plan")
  | demand_of("roster.json"; $run.roster == $rosterDigest; "the transcript was written under another roster")
  | demand($run.environment | del(.programs) == ($planned | del(.programs)) and .programs != []
        and if $plan[0] | has("gap") then .programs == $planned.programs
          else all(.programs[]; .host == $host) and .programs - $planned.programs - $machines == [] end;
      "it ran in other surroundings than the plan's")
  | if .open != null and .open.statement.environment != $digest then .open = null else . end
  | .environment = $digest
  | .host = $host
  | .runs += 1;

# gate-opened

# Whether the transcript, as far as it goes before this line, once ended so.
def has_prefix($anchor; $digests):
  $anchor.seq >= 0 and $anchor.seq <= .seq
  and $anchor.head == if $anchor.seq == 0 then "0" * 64 else $digests[$anchor.seq - 1] end;

# Everything in a statement that follows from plan, roster and the lines before it.
def check_fit($said; $digests):
  demand($said.mode == $plan[0].mode; "its mode is not the plan's")
  | demand($said.ceremony == $plan[0].ceremony; "its ceremony is not the plan's")
  | demand($said.nonce == $plan[0].nonce; "its nonce is not the plan's")
  | demand($said.subject | has($said.gate); "its subject is that of another gate")
  | demand($said.attempt == ((.attempts[$said.gate] // 0) + 1); "its attempt is not the next one at its gate")
  | demand($said.plan == $planDigest; "its plan is not the ceremony's")
  | demand($said.roster == $rosterDigest; "its roster is not the ceremony's")
  | demand($said.environment == .environment; "its environment is not the one that the run saw")
  | demand(has_prefix($said.anchor; $digests); "its anchor is no prefix of the transcript")
  | demand($said.anchor == {seq, head}; "its anchor is not the line directly before it")
  | demand($said.earlier == (.passed | map({gate: .statement.gate, attempt: .statement.attempt, statement: .digest}));
      "it does not list the gates that were passed before")
  | demand($said.decisions == .decisions; "it does not list the decisions that were received before")
  | demand($said.exceptions == (.exceptions | map({seq, exception})); "it does not list the exceptions that are on record");

# In what the new keys will be otherwise than the old ones: it follows from the plan alone.
def lines: if . == "" then [""] else split("%0A") end;
def common_beginning($ours; $theirs):
  ([$ours, $theirs | length] | min) as $least | first(range($least) | select($ours[.] != $theirs[.])) // $least;
# At [i][j], how long the longest common subsequence of the first i and the first j lines is.
def common_lengths($ours; $theirs):
  reduce range($ours | length) as $i ([[range(($theirs | length) + 1) | 0]];
    .[$i] as $above
    | . + [reduce range($theirs | length) as $j ([0];
        . + [if $ours[$i] == $theirs[$j] then $above[$j] + 1 else [.[$j], $above[$j + 1]] | max end])]);
# The offsets of the lines that the longest common subsequence leaves out; of all lines, beyond so many pairs of them.
def own_lines($ours; $theirs):
  {i: ($ours | length), j: ($theirs | length), ours: [], theirs: []}
  | if .i * .j <= 10000 then
      common_lengths($ours; $theirs) as $common
      | until(.i == 0 or .j == 0;
          if $ours[.i - 1] == $theirs[.j - 1] then .i -= 1 | .j -= 1
          elif $common[.i - 1][.j] >= $common[.i][.j - 1] then .i -= 1 | .ours += [.i]
          else .j -= 1 | .theirs += [.j] end)
    else . end
  | {ours: ([range(.i)] + (.ours | reverse)), theirs: ([range(.j)] + (.theirs | reverse))};
def numbered($lines): map("\(. + 1): \($lines[.])") | join("%0A");
def line_difference($planned; $observed):
  ($planned | lines) as $ours | ($observed | lines) as $theirs
  | common_beginning($ours; $theirs) as $head
  | common_beginning($ours[$head:] | reverse; $theirs[$head:] | reverse) as $tail
  | own_lines($ours[$head:($ours | length) - $tail]; $theirs[$head:($theirs | length) - $tail])
  | {planned: (.ours | map(. + $head) | numbered($ours)), observed: (.theirs | map(. + $head) | numbered($theirs))};
def difference($slot; $what; $planned; $observed):
  if $planned == $observed then empty else {slot: $slot, what: $what, planned: $planned, observed: $observed} end;
def tag_differences($slot; $new; $old):
  ($new | keys) + ($old | keys) | unique[]
  | if $old[.] == null then {slot: $slot, what: "tag \(.), added", planned: $new[.], observed: ""}
    elif $new[.] == null then {slot: $slot, what: "tag \(.), left out", planned: "", observed: $old[.]}
    else difference($slot; "tag \(.)"; $new[.]; $old[.]) end;
def differences:
  [.slots[] | select(.strategy == "replace") | .slot as $slot | .new as $new | .old as $old
    | difference($slot; "key policy"; $new.policyDigest; $old.policyDigest),
      (line_difference($new.policy; $old.policy)
        | difference($slot; "lines of the key policy"; .planned; .observed)),
      difference($slot; "description"; $new.description; $old.description),
      tag_differences($slot; $new.tags | from_entries; $old.tags | from_entries),
      difference($slot; "multi-Region"; "\($new.multiRegion)"; "\($old.multiRegion)")];

def check_authorize($subject):
  demand($subject == ($plan[0] | {title, policy, aws: .environment.aws, token: .environment.token, profiles,
    slots, differences: differences} + if has("gap") then {gap} else {} end
    + if is_revocation then {} else {wrapping} end); "it authorizes something else than the plan");

# What is missing before a key may be locked or destroyed: a backup that was restored, and an exception that says so.
def check_retention($planned):
  demand($planned.retention == "retain" or any(.exhibits[]; . == "exhibits/\($planned.backup)");
    "\($planned.slot) lacks the exhibit \($planned.backup), which shows a restored backup of the key")
  | demand($planned.retention == "retain"
        or any(.exceptions[].exception.what; . == "\($planned.retention) \($planned.slot)");
      "\($planned.slot) lacks an exception that says what is done, in just these words: \($planned.retention) \($planned.slot)");

# What of an activation follows from plan and key, whatever material it makes current.
def planned_activation($key; $facts):
  {slot, key: $key}
    + if has("currentMaterial") then {materialBefore: .currentMaterial} else {} end
    + if has("alias") then
        {alias, aliasTargetBefore: (if .createsAlias then "none" else .key end), aliasTargetAfter: $key}
      else {} end
    + {retention}
    + if has("backup") then {backup: $facts.exhibits["exhibits/\(.backup)"]} else {} end;

# The line that intended an effect before of which nobody knows the outcome.
def before($kind; $name; $state):
  first(($state.left[] | select(.kind == $kind and .slot == $name) | {intendedBefore: .seq}), {});

def demand_rotations($slots):
  demand(all($slots[].rotationsUsed // 0; 0 <= . and . < 25);
    "it counts other rotations than a key that is to be rotated can have");

# What a release says of the activation follows from the plan and the lines so far, but for what only KMS knows.
def check_folded($said; $facts):
  . as $state
  | "it activates otherwise than the plan has it, or leaves a key out" as $otherwise
  | if $plan[0].policy.foldsActivate then
      reduce $plan[0].slots[] as $planned (.; check_retention($planned))
      | demand($said != null; $otherwise)
      | demand(($said | map(has("rotationsUsed"))) == [$plan[0].slots[] | .strategy == "rotate"]; $otherwise)
      | demand(($said | map(del(.policy, .rotationsUsed))) == [$plan[0].slots[] | $state.slots[.slot] as $slot
            | .slot as $name
            | planned_activation($slot | key_of; $facts) + {commitment: $slot.generated.commitment}
              + before("alias-intended"; $name; $state)]; $otherwise)
      | demand_rotations($said)
    else demand($said == null; "it activates what the plan has activated at a gate of its own") end;

def check_release($subject; $validity; $facts):
  . as $state
  | demand($subject.keySpec == $plan[0].wrapping.keySpec and $subject.token == $plan[0].environment.token.serial and $subject.caller == caller_of($plan[0]; "import")
        and $subject.activator == (if $plan[0].policy.foldsActivate then $plan[0].environment.aws.callers.activate else null end)
        and $subject.endpoint == $plan[0].environment.aws.endpoint;
      "it releases in other surroundings than the plan's")
  | demand($subject.warnings == [.selfTested.findings[] | select(.result == "warn")];
      "it leaves out what the examination warned of")
  | demand(all(.slots[]; .generated != null and key_of != null and all(outstanding[] as $purpose | .fetched[$purpose]; . != null));
      "it releases other keys, or one is missing")
  | demand($subject.slots == [$plan[0].slots[] | $state.slots[.slot] | select(outstanding != [])
        | {slot: .plan.slot, key: key_of, algorithm: (.plan.keySpec | algorithm), commitment: .generated.commitment, expiry: (.plan.reimported.expiry // "never"),
            takesEffect: (if .plan.strategy | IN("import", "reimport") then "at import" else "at activation" end)}
          + (if .plan | has("reimported") then
              {reimported: .plan.reimported, hsmKey: ({label: .plan.label, id: .plan.id, checkValues: .generated.checkValues}
                  + if .plan.reimported | has("hsmKeyOrigin") then
                      {attributes: .generated.attributes, differences: (.plan.slot as $name | .generated.attributes | differences_of_origin($name))}
                    else {} end)}
                + before("import-intended"; .plan.slot; $state)
            else {} end)
          + (. as $slot | outstanding | map({key: ., value: ($slot.fetched[.] | {spki, token})}) | from_entries)];
      "it releases other keys, or one is missing")
  | check_folded($subject.activations; $facts)
  | demand($subject.deadline == ([.slots[] | outstanding[] as $purpose | .fetched[$purpose].validUntil] | min // $plan[0].window.until);
      "its deadline is not that of the tokens")
  | demand($validity.until <= $subject.deadline; "it counts for longer than the tokens");

# What an activation says of a slot of the plan, but for what only KMS knows.
def expected_activation($progress; $facts):
  planned_activation($progress | key_of; $facts) + {materialAfter: $progress.imported.material};

# What a plan deletes, as *activate* says it, with the line of a deletion before of which nobody knows the outcome.
def revocations:
  .left as $left
  | $plan[0]
  | if is_revocation then
      [.slots[] | .slot as $name
        | {slot, key, currentMaterial} + .revoked + if has("alias") then {alias} else {} end
          + before("revoke-intended"; $name; {left: $left})]
    else null end;

def check_activate($subject; $facts):
  . as $state
  | demand($subject.caller == $plan[0].environment.aws.callers.activate; "it activates as another caller")
  | demand($subject.revocations == revocations;
      "it deletes something else than the plan has, or leaves it out")
  | [$plan[0].slots[] | select(imports_material)] as $imported
  | demand($imported == [] or is_activatable; "something is not imported, or not proved")
  | demand(($subject.slots | map(del(.policy, .rotationsUsed))) == [$imported[] | .slot as $name
          | expected_activation($state.slots[.slot]; $facts) + before("alias-intended"; $name; $state)];
      "it activates something else than was imported")
  | demand(($subject.slots | map(has("rotationsUsed"))) == [$imported[] | .strategy == "rotate"];
      "it counts rotations where there are none")
  | demand_rotations($subject.slots)
  | reduce $plan[0].slots[] as $planned (.; check_retention($planned));

def check_close($subject):
  demand(.aborted != null or all(.slots[]; is_done); "a slot is not settled")
  | demand($subject.aborted == .aborted and $subject.unsettled == .unsettled and $subject.exceptions == (.exceptions | map(.line));
      "it leaves out an exception, or how the ceremony ended")
  | demand($subject.head == .head and $subject.lines == .seq; "it closes another transcript");

# Until when a statement counts: the plan's window, a release's deadline, and the hours that the plan gives people.
def latest($said):
  [$plan[0].window.until, $said.subject.release.deadline // empty | fromdateiso8601]
    + [$plan[0].policy.approvalHours // empty | . * 3600 + ($said.validity.from | fromdateiso8601)]
  | min | todateiso8601;

def admit_statement($said; $at; $digest; $facts):
  demand(.intent == null; "a gate opened while an effect had no result")
  | demand($said.gate == first((if .aborted != null then ["close"] else gates_opened end - [.passed[].statement.gate])[]); "the gate \($said.gate) was not the next to open")
  | demand($plan[0].gap == null or .holder == "connected" or ($said.gate | IN("release", "activate") | not);
      "it is for the other host to open")
  | check_fit($said; $facts.digests)
  | demand($said.validity.from <= $at and $at <= $said.validity.until; "its statement is not valid at the time of the line")
  # A key that was over by then could have signed it else.
  | demand(($at | fromdateiso8601) <= ($said.validity.from | fromdateiso8601) + clock_tolerance;
      "its statement counts from long before it was opened")
  | demand($plan[0].window.from <= $said.validity.from; "its statement counts before the plan's window")
  | demand($said.validity.until == latest($said); "its statement is valid too long")
  | if $said.gate == "authorize" then check_authorize($said.subject.authorize)
    elif $said.gate == "release" then check_release($said.subject.release; $said.validity; $facts)
    elif $said.gate == "activate" then check_activate($said.subject.activate; $facts)
    else check_close($said.subject.close) end
  | demand(.last == null or .last.at <= $said.validity.from; "its statement counts from before the line that it follows")
  | .attempts[$said.gate] = $said.attempt
  | .open = {statement: $said, digest: $digest, approvals: []}
  | .asked["\($said.gate)-\($said.attempt)"] = .open
  | .opened += 1
  | .statements += ["statements/\($said.gate)-\($said.attempt).json"];

# approval

# It says itself what it is for; the first thing in which that is not the open attempt is named.
def check_purpose($path; $said; $open):
  $open.statement as $statement
  | demand_of($path; $said.mode == $statement.mode;
      "it was made for \(if $said.mode == "live" then "a live ceremony" else "a rehearsal" end)")
  | demand_of($path; $said.ceremony == $statement.ceremony; "it was made for the ceremony \($said.ceremony)")
  | demand_of($path; $said.gate == $statement.gate; "it was made for the gate \($said.gate)")
  | demand_of($path; $said.attempt == $statement.attempt; "it was made for attempt \($said.attempt)")
  | demand_of($path; $said.plan == $statement.plan; "it was made for another plan")
  | demand_of($path; $said.statement == $open.digest; "it was made for another statement");

# Who was counted at gates that the plan separates from this one, and where.
def counted_apart($gate):
  .counted as $counted
  | [gates_apart($plan[0].policy; $gate)[] as $other | $counted[] | select(.gate == $other)
      | {key: .name, value: $other}]
  | reverse | from_entries;

# What somebody decided on: the open attempt, or one that is over, which can still be refused.
def decided_on($body):
  if .open != null and .open.statement.gate == $body.gate and .open.statement.attempt == $body.attempt then .open
  elif $body.decision == "refuse" then .asked["\($body.gate)-\($body.attempt)"]
  else null end;

def check_approval($path; $file; $open; $body; $at; $fingerprints):
  counted_apart($open.statement.gate) as $apart
  | demand_of($path; $file.digest != null; "it is missing")
  | demand_of("\($path).sig"; $file.signature != null; "it is missing")
  | demand_of($path; $file.digest == $body.approval; "it is not the file that the transcript recorded")
  | demand_of("\($path).sig"; $file.signature == $body.signature; "it is not the file that the transcript recorded")
  | demand_of($path; $file.body | fits("approval"); "it is no approval in canonical form")
  | $file.body as $said
  | check_purpose($path; $said; $open)
  | ([$roster[0].members[] | select(.name == $said.name)] | first // null) as $member
  | demand_of($path; $member != null; "\($said.name) is not on the roster")
  | demand_of($path; $member.role == $said.role; "\($said.name) has another role on the roster")
  | demand_of($path; $member.role != "administrator"; "\($said.name) is the administrator, who never approves")
  | demand_of($path; $said.decision == "refuse" or ($said | has("reason") | not); "\($said.name) approved with a reason")
  | demand_of($path; $said.decision == "approve" or ($said.reason // "") != ""; "\($said.name) refused without a reason")
  | demand_of($path; $said.decision == "refuse" or $apart[$said.name] == null;
      "\($said.name) was counted at \($apart[$said.name]), from which the plan separates this gate")
  | demand_of($path; $open.statement.validity | .from <= $said.at and $said.at <= .until;
      "\($said.name) made it outside the statement's validity")
  | demand_of($path; $said.at <= $at; "\($said.name) made it later than it was recorded")
  | demand_of($path; $member.validFrom <= $said.at and $said.at <= $member.validUntil;
      "it was made outside the validity of \($said.name)'s key")
  # Its time is the signer's word. A no is heard all the same.
  | demand_of($path; $said.decision == "refuse" or $at <= $member.validUntil;
      "\($said.name)'s key ended before it was recorded")
  | demand_of($path; $fingerprints[$said.name] == $said.key;
      "it names a key that the roster does not give \($said.name)")
  | demand($said.name == $body.name and $said.decision == $body.decision; "it says otherwise than the approval's file");

def admit_approval($body; $files; $at; $fingerprints):
  "approvals/\($body.gate)-\($body.attempt)/\($body.name).json" as $path
  | decided_on($body) as $open
  | demand($open != null; "an approval for a gate or an attempt that is not open")
  | ($body | {gate, attempt, name}) as $whose
  | demand(all(.decisions[]; {gate, attempt, name} != $whose); "\($body.name) decided on this attempt before")
  | check_approval($path; $files[$path]; $open; $body; $at; $fingerprints)
  | .decisions += [$body | {gate, attempt, name, decision, approval}]
  | .approvals += [{path: $path, name: $body.name, verifyTime: ($files[$path].body.at | ssh_time)}]
  | if $body.decision == "approve" then .open.approvals += [$body | {name, approval, signature}] else .open = null end;

# gate-passed: so many different people of each role, each with a key of their own (the roster has no key twice)

def admit_passed($body; $at):
  demand(.open != null and .open.statement.gate == $body.gate and .open.statement.attempt == $body.attempt;
    "a gate was passed that is not open")
  | demand($body.counted == .open.approvals; "it does not list the approvals that were recorded")
  | (.open.approvals | map(.name) | unique) as $names
  | demand(all(requirements($plan[0].policy; $body.gate)[]; . as $rule
        | ([$roster[0].members[] | select(.role == $rule.role and (.name | IN($names[])))] | length) >= $rule.count);
      "the quorum of the roster is not there")
  | demand(.open.statement.validity | .from <= $at and $at <= .until; "the statement's validity was over")
  | .passed += [.open | {statement, digest, counted: (.approvals | map(.name))}]
  # A release that is taken back afterwards was signed all the same.
  | .counted += [.open | .statement.gate as $gate | .approvals[] | {gate: $gate, name}]
  | .open = null;

# intents

# Whether an effect may simply be carried out again, whatever became of it.
def is_repeatable: IN("self-test-intended", "fetch-intended", "wrap-intended", "sealing-destroy-intended");
# Nobody knows whether what is intended took effect.
def leave_intent: .left += [.intent | {seq, kind, slot: .body.slot}];

def admit_intent($kind; $body; $at; $facts):
  demand(.intent == null; "an effect was intended before the one before it had a result")
  | if $kind == "self-test-intended" then
      demand(is_passed("authorize"); "a self-test before *authorize* was passed")
      | demand($plan[0] | is_revocation | not; "a self-test that the plan does not have")
      | demand(.selfTested == null; "a second self-test")
      | demand($body.token == $plan[0].environment.token.serial; "a self-test of another token")
    elif $kind == "generate-intended" then
      slot($body.slot) as $slot
      | demand(is_passed("authorize"); "a key before *authorize* was passed")
      | demand(.selfTested != null; "a key before the token's self-test")
      | demand($slot.generated == null; "a second key for the slot \($body.slot)")
      | demand($body.label == $slot.plan.label and $body.id == $slot.plan.id; "a key under another label or id")
    elif $kind == "fetch-intended" then
      slot($body.slot) as $slot
      | demand($body.purpose | IN(wanted($slot.plan)[]); "a fetch that the plan does not have")
      | demand($slot | key_of != null; "a fetch for a key that was not created yet")
      | demand($body.purpose | IN($slot | outstanding[]); "a fetch for what was done already")
    elif $kind == "wrap-intended" then
      statement("release") as $release
      | demand($release != null; "a wrap before *release* was passed")
      | demand($body.release == $release.attempt; "a wrap under another release")
      | demand($at <= $release.subject.release.deadline; "a wrap after the release's deadline")
      | demand($body.orders == ($release.subject.release | orders); "a wrap that the release does not name")
      | demand(all(.slots[]; .blobs == {}); "a second wrap under one release")
    elif $kind == "import-intended" then
      slot($body.slot) as $slot
      | demand(is_passed("release"); "an import before *release* was passed")
      | demand($slot.imported == null; "a second import for the slot \($body.slot)")
      | demand($body.blob == $slot.blobs.import; "a blob that was not wrapped for the import")
      | demand($body.token == $slot.fetched.import.token; "a token that was not fetched for the import")
      | demand($body.key == ($slot | key_of) and $body.description == $slot.plan.description; "an import into another key")
    elif $kind == "prove-intended" then
      slot($body.slot) as $slot
      | demand($slot.plan.proof == "second import"; "a proof that the plan does not have")
      | demand(is_passed("release"); "a proof before *release* was passed")
      | demand($slot.proved == null; "a second proof for the slot \($body.slot)")
      | demand($slot.imported != null and $body.material == $slot.imported.material; "a proof of other material")
      | demand($body.blob == $slot.blobs.proof; "a blob that was not wrapped for the proof")
      | demand($body.token == $slot.fetched.proof.token; "a token that was not fetched for the proof")
    elif $kind == "rotate-intended" then
      slot($body.slot) as $slot
      | activation($body.slot) as $activation
      | demand($activation != null; "a rotation before *activate* was passed")
      | demand($slot.plan.strategy == "rotate"; "a rotation that the plan does not have")
      | demand($slot.rotated == null; "a second rotation of the slot \($body.slot)")
      | demand($body.key == $activation.key and $body.from == $activation.materialBefore
            and $body.to == $activation.materialAfter; "a rotation that the activation does not name")
      | demand(($activation.rotationsUsed // 0) >= ($slot.plan.rotationsUsed // 0); "a rotation after fewer than the plan counted")
    elif $kind == "create-intended" then
      slot($body.slot) as $slot
      | demand(is_passed("authorize"); "a new KMS key before *authorize* was passed")
      | demand($slot.plan.strategy == "replace"; "a new KMS key that the plan does not have")
      | demand($slot.created == null; "a second KMS key for the slot \($body.slot)")
      | demand($body.label == $slot.plan.label and $body.policy == $slot.plan.new.policyDigest;
          "a new KMS key with another label or policy")
    elif $kind == "sealing-destroy-intended" then
      demand(all(.slots[]; is_verified); "the sealing key went before all was activated")
      | demand($body.certificate == $facts.sealing; "it is another certificate than the plan's")
      | demand(.sealingDestroyed | not; "it was destroyed already")
    elif $kind == "alias-intended" then
      slot($body.slot) as $slot
      | activation($body.slot) as $activation
      | demand($activation != null; "an alias before *activate* was passed")
      | demand($slot.plan.strategy != "rotate" and ($activation | changes_alias); "an alias that is to stay")
      | demand($slot["alias-set"] == null; "a second change of the alias of \($body.slot)")
      | demand($body.alias == $activation.alias and $body.from == $activation.aliasTargetBefore
            and $body.to == $activation.aliasTargetAfter; "an alias that the activation does not name so")
    elif $kind == "revoke-intended" then
      slot($body.slot) as $slot
      | revocation($body.slot) as $signed
      | demand($signed != null; "a deletion before *activate* was passed")
      | demand($slot.revoked == null; "a second deletion for the slot \($body.slot)")
      | demand($body.key == $signed.key and $body.material == $signed.material;
          "a deletion that the activation does not name")
    else
      slot($body.slot) as $slot
      | demand($slot | is_verified; "settled before the activation was verified")
      | demand(($plan[0] | is_reimport) or activation($body.slot) != null; "settled before *activate* was passed")
      | demand($slot.settled == null; "settled twice")
      | demand($plan[0].gap == null or .sealingDestroyed; "settled while sealed blobs could still be opened")
      | demand($body.retention == $slot.plan.retention; "the plan says another retention")
    end
  | demand(role[$kind] == null or $body.caller == planned_caller($kind); "another caller than the plan has for it")
  | .left |= map(select(.kind != $kind or .slot != $body.slot))
  | .intent = {kind: $kind, body: $body, seq: (.seq + 1), at: $at};

# results

# What a key must be, of its slot's plan: before it is settled, and after.
def held:
  . as $planned
  | profile($planned.keySpec).attributes
    + if $planned.trustedWrapping then [{name: "CKA_WRAP_WITH_TRUSTED", value: "true"}] else [] end;
def settled:
  (["CKA_ENCRYPT", "CKA_SIGN"] + if .retention == "lock" then ["CKA_EXTRACTABLE"] else [] end) as $gone
  | held | map(if .name | IN($gone[]) then .value = "false" else . end);

# Check values of an AES key, a public key of a key pair; the digest of that the shell has made.
def check_identity($spec; $facts):
  demand(has("checkValues") == ($spec | keeps_materials); "check values that its kind does not have")
  | if $spec | is_secret then
      demand(has("publicKey") | not; "a public key of a secret key")
      | demand(.commitment | test("\\A[0-9a-f]{32}\\z"); "a commitment that is not 16 bytes in hex")
      | demand(all(.checkValues // {} | .[]; test("\\A[0-9a-f]{6}\\z")); "check values that are not 3 bytes in hex each")
      | demand(.commitment | test("[^0]"); "a commitment of nothing but zeros")
    else
      public_keys[$spec] as [$beginning, $length]
      | demand((.publicKey // "") | startswith($beginning) and length == $length; "a public key that is not one of its kind")
      | .publicKey as $key
      | demand($facts.publicKeys[$key] != null; "a public key that is not one of its kind")
      | demand(.commitment == $facts.publicKeys[$key]; "a commitment that is not its public key's digest")
    end;

# What must have held of throwaway keys before any key is made.
def required_self_tests:
  [$plan[0].profiles[] | .keySpec as $spec
    | ("template-read-back", "two-keys-differ", "not-oaep-sha1", "wrap-oaep-sha256", "unwrapped-key-is-the-same",
        "two-blobs-differ")
    | "\($spec)/\(.)"] + ["user-cannot-trust"];

def intent_of:
  {"self-tested": "self-test-intended", generated: "generate-intended", fetched: "fetch-intended",
    created: "create-intended",
    "alias-set": "alias-intended", "alias-abandoned": "alias-intended", wrapped: "wrap-intended", "wrap-abandoned": "wrap-intended",
    imported: "import-intended", "import-abandoned": "import-intended", proved: "prove-intended", rotated: "rotate-intended", settled: "settle-intended",
    revoked: "revoke-intended", "revoke-abandoned": "revoke-intended",
    "sealing-destroyed": "sealing-destroy-intended"};

def answers($kind; $body):
  .intent as $intent
  | $intent != null and $intent.kind == intent_of[$kind]
    and if $kind == "self-tested" then $intent.body.token == $body.token
      elif $kind == "wrapped" then ($intent.body.orders | map([.slot, .purpose])) == ($body.blobs | map([.slot, .purpose]))
      elif $kind == "wrap-abandoned" then $intent.body.release == $body.release
      elif $kind == "sealing-destroyed" then $intent.body == $body
      else $intent.body.slot == $body.slot end
    and if $kind == "fetched" then $intent.body.purpose == $body.purpose
      elif $kind | IN("proved", "revoked", "revoke-abandoned") then $intent.body.material == $body.material
      elif $kind == "import-abandoned" then slot($body.slot).plan.reimported.material == $body.material
      elif $kind == "rotated" then $intent.body.to == $body.material
      elif $kind == "alias-abandoned" then $intent.body.alias == $body.alias
      elif $kind == "alias-set" then $intent.body.alias == $body.alias and $intent.body.to == $body.target
      else true end;

# KMS takes nothing by a token that is over. When it was asked is the intent's time: what came of it may be found later.
def demand_token($purpose; $slot):
  demand((.intent.at | fromdateiso8601) <= (.slots[$slot].fetched[$purpose].validUntil | fromdateiso8601) + clock_tolerance;
    "it was intended after the import token was over");

# What KMS names is what KMS gives, and no one thing for two. It is told where every line follows from those before it.
def naming($holds; $reason):
  if $holds then . else .misnamed //= {place: "transcript.jsonl:\(.seq + 1)", $reason} end;
# KMS gives a token for each fetch, which lives for 24 hours. That its wrapping key is another each time AWS does not say.
def look_at_pair($body; $at):
  naming(.tokens | has($body.token) | not; "one import token for two fetches")
  | naming(($body.validUntil | fromdateiso8601) <= ($at | fromdateiso8601) + 86400 + clock_tolerance;
      "an import token for longer than the 24 hours that KMS gives")
  | .tokens[$body.token] = true;
def look_at_material($body; $planned):
  if ($planned.keySpec | keeps_materials | not) or ($planned | has("reimported")) then . else
    naming($body.material | test("\\A[0-9a-f]{64}\\z"); "material with an id that KMS gives none")
    | naming($body.material != $planned.currentMaterial; "new material with the id of the current one")
    | naming(.materials[$body.material] // $body.slot | . == $body.slot; "one material id for two keys")
    | .materials[$body.material] = $body.slot
  end;
# An answer that had no id has "unknown" in its place.
def look_at_request($body):
  ($body.request // $body.learned.request // "unknown") as $request
  | if $request == "unknown" then . else
      naming(.requests | has($request) | not; "one request id for two calls") | .requests[$request] = true
    end;

def admit_result($kind; $body; $at; $facts):
  demand(answers($kind; $body); "the result \($kind) of something not intended")
  | if $kind == "self-tested" then
      demand($body.held == required_self_tests; "a self-test in which not everything held")
      | demand($body.findings | distinct(.check); "one finding twice")
      | reduce ($body.findings[] | .check, .detail // empty) as $text (.; demand_text($text))
      | .selfTested = $body
    elif $kind == "generated" then
      slot($body.slot).plan as $planned
      | demand($body.attributes | has_attributes_of($planned; $planned | held); "the key is not what the plan demands")
      | demand($body | check_identity($planned.keySpec; $facts) | true; "")
      | demand($planned.reimported.checkValues | . == null or . == $body.checkValues;
          "a key with other check values than the plan has")
      | demand(.commitments | has($body.commitment) | not; "one commitment for two keys")
      | .commitments[$body.commitment] = true
      | .slots[$body.slot].generated = $body
    elif $kind == "imported" then
      slot($body.slot) as $slot
      | demand($slot.plan.proof != "commitment" or $body.material == $slot.generated.commitment;
          "KMS holds other material than was made")
      | demand($slot.plan.reimported == null or $body.material == $slot.plan.reimported.material;
          "KMS took it for other material than the plan has")
      | demand_token("import"; $body.slot)
      | look_at_material($body; $slot.plan)
      | .slots[$body.slot].imported = $body
    elif $kind == "proved" then demand_token("proof"; $body.slot) | .slots[$body.slot].proved = $body
    elif $kind == "created" then
      demand($body.key | id_of_key($plan[0].environment.aws) != null;
        "a new KMS key of another account or Region")
      | demand(all(.slots[]; .plan.key != $body.key and .created.key != $body.key);
          "a new KMS key that is another slot's, or an old one")
      | .slots[$body.slot].created = $body
    elif $kind == "fetched" then
      look_at_pair($body; $at)
      | .passed |= map(select(.statement.gate != "release"))
      | if .hasBlobs then .slots |= map_values(.blobs = {}) else . end
      | .hasBlobs = false
      | .slots[$body.slot].fetched[$body.purpose] = $body
    elif $kind == "wrap-abandoned" then .passed |= map(select(.statement.gate != "release"))
    # Whether it took effect is as unknown as if another machine went on.
    elif $kind | IN("revoke-abandoned", "import-abandoned", "alias-abandoned") then
      (if $kind == "import-abandoned" or $plan[0].policy.foldsActivate then "release" else "activate" end) as $gate
      | leave_intent | .passed |= map(select(.statement.gate != $gate))
    elif $kind == "sealing-destroyed" then .sealingDestroyed = true
    elif $kind == "wrapped" then
      reduce $body.blobs[] as $blob (.;
          demand(.wrapped | has($blob.blob) | not; "one blob for two wraps")
          | demand($blob.trusted == .slots[$blob.slot].plan.trustedWrapping;
              "a wrap under a key that the plan wants trusted and is not, or the other way round")
          | .wrapped[$blob.blob] = true
          | .slots[$blob.slot].blobs[$blob.purpose] = $blob.blob)
      | .hasBlobs = true
    elif $kind == "rotated" then
      activation($body.slot) as $signed
      | demand($body.rotationsUsed == $signed.rotationsUsed + 1; "it spent more or fewer than one rotation")
      | .slots[$body.slot].rotated = $body
    elif $kind == "settled" then
      slot($body.slot).plan as $planned
      | if $planned.retention == "destroy" then
          demand($body.attributes == []; "the key was not destroyed, as the plan demands")
        else
          demand($body.attributes | has_attributes_of($planned; $planned | settled);
            "the key was not left as the plan demands")
          | demand(($body.attributes | origin) == (.slots[$body.slot].generated.attributes | origin);
            "the key that was left is of another origin than the one that was signed for")
        end
      | .slots[$body.slot].settled = $body
    else .slots[$body.slot][$kind] = $body end
  | .intent = null;

def admit_verified($body):
  demand(.intent == null; "the result activation-verified of something not intended")
  | slot($body.slot) as $slot
  | activation($body.slot) as $signed
  | demand($signed != null; "verified before *activate* was passed")
  | demand(if $slot.plan.strategy == "rotate" then $slot.rotated != null
        else ($signed | changes_alias | not) or $slot["alias-set"] != null end;
      "verified before it was activated, or twice")
  | demand($slot.verified == null; "verified before it was activated, or twice")
  | demand($body.alias == $signed.alias and $body.aliasTarget == $signed.aliasTargetAfter
        and $body.oldMaterial == $slot.plan.currentMaterial and $body.newMaterial == $signed.materialAfter;
      "the activation did not come out as it was signed")
  | .slots[$body.slot].verified = $body;

# KMS looked at after a deletion.
def admit_revocation_verified($body):
  demand(.intent == null; "the result revocation-verified of something not intended")
  | slot($body.slot) as $slot
  | revocation($body.slot) as $signed
  | demand($signed != null; "verified before *activate* was passed")
  | demand($slot.revoked != null and $slot["revocation-verified"] == null; "verified before it was deleted, or twice")
  | demand($body.material == $signed.material and $body.keyState == "PendingImport";
      "the deletion did not come out as it was signed")
  | .slots[$body.slot]["revocation-verified"] = $body;

# KMS looked at after an import of what a key had before.
def admit_reimport_verified($body):
  demand(.intent == null; "the result reimport-verified of something not intended")
  | slot($body.slot) as $slot
  | $slot.plan.reimported as $planned
  | demand($planned != null; "a look at material that the plan does not import again")
  | demand($slot.imported != null and $slot["reimport-verified"] == null; "verified before it was imported, or twice")
  | demand(($body | {material, state, expiry}) == ($planned | {material, state, expiry})
        and ($body.keyState == "Enabled" or ($planned.effect | contains("stays unusable")) and $body.keyState == "PendingImport");
      "the material did not come out as it was signed")
  | .slots[$body.slot]["reimport-verified"] = $body;

# What a service refused did not happen: only what a service was asked can be.

def admit_refused($body):
  demand(.intent != null; "the result refused of something not intended")
  | demand($body.code != ""; "a refusal without the service's name for it")
  | demand(.intent.kind | IN("fetch-intended", "import-intended", "prove-intended", "rotate-intended",
      "create-intended", "alias-intended", "revoke-intended");
      "a refusal of what no service was asked")
  | if $body.earlierCall == true then
      demand(.intent.kind | is_repeatable | not; "an earlier call of what may simply be asked again") | leave_intent
    else . end
  | .intent = null;

# What people in the room put on record

def unsettled: .intent | if . == null then . else {seq, kind} end;
# What nobody knows the outcome of: what was intended last, or what another machine left and nobody intended again.
def unknown_effect:
  (.left | max_by(.seq) | if . == null then . else {seq, kind} end) as $left
  | if .intent != null and (.intent.kind | is_repeatable | not) then unsettled else $left // unsettled end;

# Whether something that needs a gate is still to be done. Of a ceremony that was ended early, only its close is.
def is_wanted($gate):
  if .aborted != null or $gate == "close" then $gate == "close"
  else
    any(.slots[];
      if $gate == "authorize" then (.plan | imports_material) and .generated == null or key_of == null
      elif $gate == "release" then outstanding != [] or ($plan[0].policy.foldsActivate and .settled == null)
      else is_done | not end)
  end;

# Another machine or program than the plan's goes on. What was signed for the one before to do is signed again, and what
# had no result there is looked up before it is done again.
def admit_machine($body; $host):
  $body.machine as $machine
  | ($machine | {host, program}) as $program
  | demand($plan[0].gap == null; "another machine or program in a ceremony of two hosts")
  | demand(any($roster[0].members[]; .name == $body.by and .role == "administrator");
      "another machine or program that not the administrator put on record")
  | demand($machine.host == $host; "another machine than the one that it was written on")
  | demand($program | IN($plan[0].environment.programs[]) | not;
      "a machine and program that the plan or an earlier exception has")
  | demand(all(.machines[]; . != $program); "a machine and program that the plan or an earlier exception has")
  | demand($machine.unsettled == unsettled; "it says otherwise what had no result")
  | .machines += [$program]
  | if .intent == null or (.intent.kind | is_repeatable) then .
    else leave_intent end
  | .intent = null
  | . as $state
  | .passed |= map(select(.statement.gate as $gate | $state | is_wanted($gate) | not));

def admit_said($kind; $body; $seq; $host; $facts):
  demand($body.by | IN($roster[0].members[].name); "it was said by nobody on the roster")
  | if $kind == "note" then demand_text($body.text) | if .open.statement.gate == "close" then .open = null else . end
    elif $kind == "exception" then
      reduce ($body.what, $body.why, $body.remedy) as $text (.; demand_text($text))
      | if $body | has("machine") then admit_machine($body; $host) else . end
      | .exceptions += [{seq: $seq, exception: $body, line: $facts.digests[$seq - 1]}] | .open = null
    elif $kind == "exhibit" then
      demand_text($body.what)
      | demand($body.name | is_exhibit; "the exhibit's name is not fit for a file")
      | "exhibits/\($body.name)" as $path
      | demand(all(.exhibits[]; . != $path); "a second exhibit named \($body.name)")
      | demand_of($path; $facts.exhibits[$path] != null; "it is missing")
      | demand_of($path; $facts.exhibits[$path] == $body.file; "it is not the file that the transcript recorded")
      | .exhibits += [$path] | .open = null
    else
      demand_text($body.reason)
      | demand(.aborted == null; "a second abort")
      | .aborted = $body
      | .unsettled = unknown_effect
      | .intent = null | .open = null
    end;

def admit_closed($line):
  demand(.intent == null; "it was closed while an effect had no result")
  | statement("close") as $close
  | demand($close != null; "closed before *close* was passed")
  | demand($line.body.manifest == $close.subject.close.manifest; "it closes over another manifest")
  | demand($line.at == .last.at and $line.host == .last.host; "it has not the time and host of the line before it")
  | .closed = true;

def void($kind):
  if .open != null and .open.statement.gate == "authorize" and ($kind | IN("fetch-intended", "fetched")) then .
  else .open = null end;

def admit($line; $facts):
  $line.kind as $kind | $line.body as $body
  | ($kind == "exception" and ($body | has("machine"))) as $namesMachine
  | demand(.closed | not; "the ceremony was closed before it")
  | demand((is_passed("close") | not) or ($kind | IN("run-started", "closed"))
        or $namesMachine; "it follows the close")
  | demand(.last == null or .last.at <= $line.at; "its time lies before that of the line before it")
  | demand($plan[0].window | .from <= $line.at and $line.at <= .until; "it was written outside the plan's window")
  | demand_turn($kind; $line.host; $namesMachine)
  | if $kind == "run-started" then admit_run($body; $facts.environments[.runs]; $line.host)
    elif $kind == "gate-opened" then admit_statement($body; $line.at; $facts.statements[.opened]; $facts)
    elif $kind == "approval" then admit_approval($body; $facts.files; $line.at; $facts.fingerprints)
    elif $kind == "gate-passed" then admit_passed($body; $line.at)
    elif $kind | IN("note", "exception", "exhibit", "aborted") then admit_said($kind; $body; $line.seq; $line.host; $facts)
    elif $kind == "handed-over" then admit_handed_over($line; $facts.digests[$line.seq - 1])
    elif $kind == "received" then admit_received($body; $facts)
    elif .aborted != null and $kind != "closed" then error("the ceremony was aborted before it")
    elif $kind == "refused" then void($kind) | admit_refused($body)
    elif $kind == "activation-verified" then void($kind) | admit_verified($body)
    elif $kind == "revocation-verified" then void($kind) | admit_revocation_verified($body)
    elif $kind == "reimport-verified" then void($kind) | admit_reimport_verified($body)
    elif $kind == "closed" then admit_closed($line)
    elif $kind | endswith("-intended") then void($kind) | admit_intent($kind; $body; $line.at; $facts)
    else void($kind) | admit_result($kind; $body; $line.at; $facts) end
  | if $kind | IN("fetched", "created", "imported", "proved", "rotated", "alias-set", "revoked", "refused") then
      look_at_request($body)
    else . end
  | if $kind | IN("note", "exception", "exhibit", "aborted") then .words = true else . end
  | if $kind == "received" then .lastReceived = $line.seq else . end
  | .seq = $line.seq
  | .last = {at: $line.at, host: $line.host};

# What the shell goes on with.
def approval_fault($armors):
  .path as $path | .name as $name
  | first($roster[0].members[] | select(.name == $name)) as $member
  | $armors["\($path).sig"]
  | signature_fault($member.key; $member.userPresence; "keyrite.gate.v1.\($plan[0].mode)")
  | .fault // if . == null then "-" else "no user presence: \($name) signed without \(.lack), which the roster demands" end;
def handover_fault($armors):
  .path as $path | .side as $side
  | $armors["\($path).sig"]
  | signature_fault($plan[0].gap[$side].key; null; "keyrite.handover.v1.\($plan[0].mode)")
  | .fault // "-";
def texts($close; $armors):
  ["closed", .closed], ["ceremony", "\($plan[0].ceremony) (\($plan[0].mode))"],
  (.approvals[] | ["approval", .path, .name, .verifyTime, approval_fault($armors)]),
  (.passed[] | ["passed", "\(.statement.gate), attempt \(.statement.attempt)", "the signatures of \(.counted | join(", "))"]),
  (.decisions[] | select(.decision == "refuse")
    | ["refused", "\(.gate), attempt \(.attempt)", "the refusal that \(.name) signed"]),
  (.statements[] | ["statement", .]), ["received", .received],
  ([.passed[].statement.exceptions[].seq] as $signed
    | .exceptions[] | select(.exception | has("machine"))
    | ["machine", if .seq | IN($signed[]) then "signed" else "consistent" end, .seq, .exception.machine.host]),
  (.handovers[] | ["handover", .path, .side, .verifyTime, handover_fault($armors)]),
  (if $close == null then empty else
    ["close-attempt", $close.attempt], ["close-lines", $close.subject.close.lines],
    ["close-manifest", $close.subject.close.manifest] end),
  (.aborted // empty | ["aborted", "It was ended early, as the host wrote, by \(.by): \(.reason)"]),
  (.unsettled // empty | ["aborted", "Whether line \(.seq), \(.kind), took effect is not known."]),
  (.decisions[] | select(.decision == "refuse") | ["aborted",
    "\(.name) refused \(.gate), attempt \(.attempt): approvals/\(.gate)-\(.attempt)/\(.name).json says why."]),
  (if .lastReceived == null or .carried != null then empty else ["aborted",
    "Lines \(.lastReceived) to \(.seq), the last turn of \(.last.host), are signed by no host, and by nobody but the close's quorum."] end),
  (if .words then ["words", true] else empty end);

# Every file of the folder, but for those that are nowhere named.
def is_known($facts):
  . as $path
  | IN("plan.json", "allowed_signers", "transcript.jsonl", "MANIFEST", $facts.statements[], ($rosterFiles | list)[])
  or IN(range(1; $facts.handovers + 1) | handover_path | ., "\(.).sig")
  or ($facts.closed and IN("timestamp.tsq", "timestamp.tsr", "attestation.json", "reconciliation.jsonl"))
  or (split("/") as $names
    | ($names[0] == "exhibits" and ($names | length) == 2
      and ($facts.close == null and ($names[1] | test("\\A[A-Za-z0-9._-]+\\z")) or ($path | IN($facts.exhibits[]))))
    or ($names[0] == "approvals" and ($names | length) == 3
      and ("statements/\($names[1]).json" | IN($facts.statements[]))
      and ($names[2] | IN($facts.members[] + (".json", ".json.sig")))
      and ($names[1] != $facts.close or ($path | rtrimstr(".sig") | IN($facts.approvals[]))))
    or (($names[0] | IN("wrapped", "tokens")) and ($names | length) == 2 and $facts.close == null));
def strangers($close):
  {statements, exhibits, closed, handovers: (.received + if .carried == null then 0 else 1 end),
    approvals: (.approvals | map(.path)), members: ($roster[0].members | map(.name)),
    close: (if $close == null then null else "close-\($close.attempt)" end)} as $facts
  | [$files | list[] | select(is_known($facts) | not)]
  | (first(.[] | select(startswith("statements/"))) | ["stray", .]), (first(.[]) | ["stranger", .]);

# What lies under approvals/ and is not on record: what is wrong with it, or whose it is, and the signature that the shell checks.
def late_approval($path; $names; $files; $facts; $armors):
  $facts.late[$path] as $file
  | ($file.body | if type == "object" then . else {} end) as $said
  | .asked[$names[1]] as $open
  | ($said | {name, decision, approval: $file.digest, signature: $file.signature}) as $body
  | if $files[$path] == null then ["late", "\($path).sig", "what it signs is missing"]
    elif $files["\($path).sig"] == null then ["late", $path, "nobody signed it"]
    elif $file == null then ["late", $path, "it is no approval in canonical form"]
    else
      # It counts for nothing: so it need not have been made before a time, nor by somebody who could count.
      (try (.counted = [] | check_approval($path; $file; $open; $body; $said.at; $facts.fingerprints) | null)
        catch .reason) as $fault
      | if $fault != null then ["late", $path, $fault]
        else
          ["approval", $path, $said.name, ($said.at | ssh_time), ({path: $path, name: $said.name} | approval_fault($armors))],
          ["late", $path, "-", "\($open.statement.gate), attempt \($open.statement.attempt)", $said.name, $said.decision]
        end
    end;
def late_approvals($close; $facts; $armors):
  if $close == null then empty else
    (.approvals | map({key: .path, value: true}) | from_entries) as $recorded
    | [$files | list[] | select(startswith("approvals/"))] as $there
    | ($there | map({key: ., value: true}) | from_entries) as $files
    | ([$there[] | rtrimstr(".sig")] | unique | map(select($recorded[.] == null)))[] as $path
    | late_approval($path; $path | split("/"); $files; $facts; $armors)
  end;

def record_facts:
  by_path($sums) as $sumOf
  | by_signature($armors) as $armors
  | ($said | list | map(split("  "))) as $digestsOf
  | {environments: [$digestsOf[] | select(.[1] | startswith("environment")) | .[0]],
    statements: [$digestsOf[] | select(.[1] | startswith("statement")) | .[0]],
    digests: ($digests | list | map(.[:64])),
    files: ($recorded | map({key: .path, value: .}) | from_entries),
    publicKeys: ($publicKeys | list | map(split(" ") | {key: .[1], value: .[0]}) | from_entries),
    late: ($late | map({key: .path, value: .}) | from_entries), exhibits: $sumOf, sums: $sumOf, handed: ($handed | map({key: .path, value: .}) | from_entries), sealing: $sealing,
    fingerprints: ($fingerprints | list | map(split(" ") | {key: .[0], value: .[1]}) | from_entries)} as $facts
  | reduce inputs as $line (initial | .head = "0" * 64;
      if .refused then . else
        try (admit($line; $facts) | .head = $facts.digests[$line.seq - 1])
        catch {refused: (if type == "object" then . else {place: "transcript.jsonl:\($line.seq)", reason: .} end)}
      end)
  | if .refused == null and .misnamed != null then {refused: .misnamed} else . end
  | if .refused then . else try check_carried($facts) catch {refused: .} end
  | if .refused then . else statement("close") as $close | {texts: [texts($close; $armors), strangers($close), late_approvals($close; $facts; $armors)]} end;

# --- timestamp.tsr

# The elements of DER from one place to another, among octets. Tags have one byte, lengths up to four.
def elements($octets; $at; $stop):
  if $at >= $stop then empty
  else $octets[$at] as $tag | $octets[$at + 1] as $first
    | (if ($first // 255) < 128 then 2 else ($first // 255) - 126 end) as $head
    | (if $tag % 32 == 31 or $head > 6 or $at + $head > $stop or $first == 128 then error("it is not in DER's one form")
      elif $first < 128 then $first
      else reduce $octets[$at + 2:$at + $head][] as $octet (0; . * 256 + $octet) end) as $size
    | ($at + $head + $size) as $after
    | if $after > $stop then error("it is not in DER's one form")
      # A copy: jq 1.6 takes all slices of one array that are as long for the same.
      else {$tag, $at, from: ($at + $head), end: $after, whole: ($octets[$at:$after] | map(.))}, elements($octets; $after; $stop) end
  end;
def parts($octets): [elements($octets; .from; .end)];
# The same, which must have exactly these tags.
def parts($octets; $tags):
  parts($octets)
  | demand(map(.tag) == $tags; "it has parts that nobody signed, or lacks some that it must have");

# 1, 2 or 3 for SHA-256, SHA-384 or SHA-512.
def digest_of($octets):
  parts($octets) | map(.whole)
  | demand(.[0][:-1] == [6, 9, 96, 134, 72, 1, 101, 3, 4, 2] and IN(.[0][-1]; 1, 2, 3) and (length == 1 or .[1:] == [[5, 0]]);
    "its digest algorithm is none of SHA-256, SHA-384 and SHA-512")
  | .[0][-1];

def certificate_of($octets):
  . as $whole
  | parts($octets; [48, 48, 3])[0] | parts($octets)
  | if .[0].tag == 160 then .[1:] else . end
  | demand(length >= 6; "there is something else than certificates with it")
  | {$whole, name: [.[2].whole, .[0].whole], type: (.[5] | parts($octets; [48, 3])[0] | parts($octets)[0].whole // [])};

# What a signature by a key of this type over this digest may be called.
def algorithms_of($digest):
  [6, 9, 42, 134, 72, 134, 247, 13, 1, 1] as $rsa
  | if . == [6, 7, 42, 134, 72, 206, 61, 2, 1] then [48, 10, 6, 8, 42, 134, 72, 206, 61, 4, 3, 1 + $digest]
    elif . == $rsa + [1] then [48, 13] + $rsa + ([1], [10 + $digest]) + [5, 0]
    else empty end;

# By which digest the signed attributes name the signer's certificate (ESSCertIDv2); null if they do not.
def named_of($octets):
  [parts($octets)[] | parts($octets; [6, 49])
    | select(.[0].whole == [6, 11, 42, 134, 72, 134, 247, 13, 1, 9, 16, 2, 47])
    | .[1] | parts($octets; [48])[0] | parts($octets)[0] | (if . then parts($octets)[0] else null end)
    | (if . then [parts($octets)[] | select(.tag == 4)][0] else null end)
    | if . then $octets[.from:.end] | hex else "" end | if . == "" then "none" else . end][0];

# What of an answer its signature does not cover, held to the one form that it may have; where its certificates are.
def timestamp_form:
  . as $octets
  | try (
    [elements($octets; 0; $octets | length)] | demand(length == 1; "it is no answer about a time stamp")
    | .[0] | parts($octets; [48, 48])
    | demand(.[0].whole == [48, 3, 2, 1, 0]; "its status says more than that it was granted")
    | .[1] | parts($octets; [6, 160])[1] | parts($octets; [48])[0]
    # Version, digest algorithms, what is signed, certificates, signers; and no revocation lists.
    | parts($octets; [2, 49, 48, 160, 49]) as $signed
    # Version, who signs, digest algorithm, signed attributes, algorithm, signature; and no unsigned attributes.
    | $signed[4] | parts($octets; [48])[0] | parts($octets; [2, 48, 48, 160, 48, 4]) as $info
    | demand($signed[0].whole == [2, 1, 3] and $info[0].whole == [2, 1, 1]; "the stamp's form is of another version")
    | ($info[2] | digest_of($octets)) as $digest
    | demand($digest == ($signed[1] | parts($octets; [48])[0] | digest_of($octets)); "it names two digest algorithms")
    | [$signed[3] | parts($octets)[] | certificate_of($octets)] as $certificates
    | ($info[1] | parts($octets; [48, 2]) | map(.whole)) as $sid
    | [$certificates[] | select(.name == $sid)] as $signers
    | demand(($signers | length) == 1 and ($certificates | map(.whole.whole) | unique | length) == ($certificates | length);
      "its signer has not exactly one certificate in it, or one is there twice")
    | demand(IN($signers[0].type | algorithms_of($digest); $info[4].whole);
      "its signature algorithm is not that of the signer's key and digest")
    | [$signers[0].whole, ($certificates[].whole | select(. != $signers[0].whole))]
    | {texts: [["signer", .[0].at, .[0].end - .[0].at], (.[1:][] | ["other", .at, .end - .at]),
        ($info[3] | named_of($octets) | values | ["named", .])]}
  ) catch {refused: {reason: .}};

# --- attestation.json

# Who signed it, by the key that it names; no name for a stranger's.
def attestation_facts:
  try (
    demand(fits({payload: "text", payloadType: "text", signatures: [{keyid: "text", sig: "text"}]});
      "it is no attestation in canonical form")
    | demand(.payloadType == "application/vnd.in-toto+json"; "it is of another type")
    | demand(.signatures | length == 1; "it has not exactly one signature")
    | .signatures[0]
    | .keyid as $key
    | {texts: [["signature", .sig],
        (first($fingerprints | list[] | split(" ") | select(.[1] == $key)) // empty | ["name", .[0]])]}
  ) catch {refused: {reason: .}};

# An in-toto Statement, from the transcript's last line.
def ceremony_statement:
  {"_type": "https://in-toto.io/Statement/v1", predicateType: "urn:keyrite:ceremony:v1",
    predicate: ({ceremony: $plan[0].ceremony, mode: $plan[0].mode, roster: $rosterDigest, plan: $planDigest, head: $head,
      lines: .seq, closed: .at} + if $form == "" then {} else {schema: $form} end),
    subject: [($manifest | list[] | {name: .[66:], digest: {sha256: .[:64]}}),
      {name: "MANIFEST", digest: {sha256: $manifestDigest}}]};

# --- reconciliation.jsonl

def finding_kinds:
  ["missing", "not-yet", "unexpected", "unsettled", "other-identity", "differs", "unreadable-expiry", "replayed",
    "unreadable"];
def recorded_shape:
  {schema: "text", mode: "live|rehearsal", ceremony: "text", plan: "sha256", head: "sha256",
    lines: "integer", account: "text", region: "text", source: "exported|looked-up", records: "integer", asOf: "time",
    window: "validity", "clockOffset?": "integer",
    calls: [{intent: "integer", line: "integer", operation: "text", key: "text", "alias?": "text", "material?": "text",
      "request?": "text", standing: "matched|differs|missing|not-yet|not-seen", "id?": "text", "event?": "sha256"}],
    findings: [{kind: finding_kinds | join("|"), "line?": "integer", operation: "text", "id?": "text",
      "event?": "sha256", "in?": "operation|key|alias|material|expiry|outcome|caller|account|region|time|import-type"}],
    result: "agreed|not-agreed"};
def recorded_place($line): "reconciliation.jsonl:\($line)";

# The text of what is percent-encoded in its one form: each byte is a character first, and those are read as UTF-8 then.
def unsaid($characters):
  if contains("%") | not then . else
    test("%[89A-F]") as $isWide
    | with_bytes($characters)
    | if $isWide | not then . else
        [foreach explode[] as $byte ([0, 0];
          if $byte < 128 then [0, $byte]
          elif $byte < 192 then [.[0] - 1, .[1] * 64 + $byte - 128]
          elif $byte < 224 then [1, $byte - 192]
          elif $byte < 240 then [2, $byte - 224]
          else [3, $byte - 240] end;
          select(.[0] == 0)[1])]
        | implode
      end
  end;
# The other way round.
def said:
  if test("\\A[ -$&-~]*\\z") then . else [explode[] | if . >= 32 and . <= 126 and . != 37 then [.] | implode else [.] | implode | @uri end] | add end;

# JSON as RFC 8259 has it, word by word: jq reads more than that. What stands between the words is left to jq.
def is_strict_json:
  test("\\A(?>[ \\t\\r\\n{}\\[\\]:,]"
    + "|\"(?>[^\"\\\\\\x00-\\x1f]|\\\\[\"\\\\/bfnrt]|\\\\u(?>[0-9A-Ca-cEFef][0-9A-Fa-f]{3}|[Dd][0-7][0-9A-Fa-f]{2}"
    + "|[Dd][89ABab][0-9A-Fa-f]{2}\\\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}))*+\""
    + "|-?(?>0|[1-9][0-9]*+)(?>\\.[0-9]++)?(?>[eE][+-]?[0-9]++)?(?=[ \\t\\r\\n,}\\]])"
    + "|(?>true|false|null)(?=[ \\t\\r\\n,}\\]]))*+\\z");
def depth: if type == "object" or type == "array" then 1 + ([.[] | depth] | max // 0) else 0 end;
def is_event_text:
  is_strict_json
  and ((try fromjson catch null) | type == "object" and depth <= 64);

# The first line: which rules made it, and of which ceremony it is.
def check_summary:
  demand_of(recorded_place(1); fits(recorded_shape); "it is no line in canonical form")
  | demand_of(recorded_place(1); .schema | IN("keyrite.reconciliation/1", "keyrite.reconciliation/2");
      "it is of another schema")
  | demand_of(recorded_place(1); .mode == $plan[0].mode and .ceremony == $plan[0].ceremony and .plan == $planDigest
        and .head == $head and .lines == $lines;
      "it is of another ceremony, or another transcript");

# Whether each line is shaped as one, and of this ceremony; the shell has made the digests.
def recorded_facts:
  try (
    [inputs]
    | .[0] |= check_summary
    | reduce range(1; length) as $i (.;
        demand_of(recorded_place($i + 1); .[$i] | fits({record: "text", sha256: "sha256"}); "it is no line in canonical form")
        | demand_of(recorded_place($i + 1); .[$i].record | . == "" or is_said;
            "its record is not percent-encoded in its one form")
        # More cannot be 256 KiB, decoded, and is not decoded.
        | demand_of(recorded_place($i + 1); .[$i].record | length <= 786432;
            "its record is no event of CloudTrail's: it is over 256 KiB"))
    | {}
  ) catch {refused: .};
def recorded_texts: octals as $octals | inputs | select(has("record")) | .record | for_printf($octals);
def event_texts: characters as $characters | inputs | select(has("record")) | .record | unsaid($characters);
def recorded_event_facts:
  ($digests | list) as $digests
  | characters as $characters
  | try (
    [inputs | select(has("record"))]
    | reduce range(length) as $i (.;
        demand_of(recorded_place($i + 2); .[$i].sha256 == $digests[$i]; "its record has another SHA-256 than it says")
        | (.[$i].record | unsaid($characters)) as $text
        | demand_of(recorded_place($i + 2); $text | utf8bytelength <= 262144;
            "its record is no event of CloudTrail's: it is over 256 KiB")
        | demand_of(recorded_place($i + 2); $text | is_event_text;
            "its record is no event of CloudTrail's: it is not JSON"))
    | {}
  ) catch {refused: .};

# An event as AWS writes it: what is there has the type that AWS gives it.

# Of an object whose place in the event is $path, with a dot after it.
def aws_text($path; $name):
  .[$name]
  | if . == null then null
    elif type != "string" then error("its \($path)\($name) is of another type than AWS's")
    elif utf8bytelength > 2048 then error("one of its texts is over 2048 bytes")
    else said end;
def aws_texts($path; $names): [$names[] as $name | aws_text($path; $name) | select(. != null)];
def aws_parts($path; $names):
  [$names[] as $name | .[$name] | select(. != null)
    | if type == "object" then {path: "\($path)\($name).", value: .}
      else error("its \($path)\($name) is of another type than AWS's") end];
def aws_needed($name): aws_text(""; $name) // error("it has no \($name)");
def aws_caller:
  "userIdentity." as $path
  | aws_text($path; "type") as $type | aws_text($path; "arn") as $arn | aws_text($path; "invokedBy") as $service
  | (aws_texts($path; ["accountId", "principalId"]) | join(" ")) as $ids
  | $arn // (if $type == "AWSAccount" and $ids != "" then "account \($ids)" else null end) // $service
    // (if $ids == "" then $type else $ids end)
    // error("its userIdentity says of nobody who it is");
def aws_subjects:
  . as $part
  | def inner($name; $names): [.value | aws_parts($part.path; [$name])[] | .path as $path | .value | aws_texts($path; $names)[]];
    (.value | aws_texts($part.path; ["keyId", "targetKeyId", "aliasName"]))
    + inner("keyMetadata"; ["keyId", "arn"]) + inner("replicaKeyMetadata"; ["arn"]);
def aws_resources:
  .resources
  | if . == null then []
    elif type == "array" and all(.[]; type == "object") then [.[] | aws_texts("resources."; ["ARN", "arn"])[]]
    else error("its resources is of another type than AWS's") end;
def latest_time: 253402300799;
# A moment as CloudTrail writes it among what was asked, such as "May 21, 2025, 5:47:45 AM", in UTC, as Java's versions and
# locales have it; or as events have their own, also with a fraction of a second that is none. Null for anything else.
def aws_moment:
  def padded: "0\(.)"[-2:];
  ([capture("\\A(?<month>[A-Z][a-z]{2}) (?<day>0?[1-9]|[12][0-9]|3[01]), (?<year>[0-9]{4}),? (?<hour>0?[1-9]|1[0-2]):(?<rest>[0-9]{2}:[0-9]{2})(?: |%C2%A0|%E2%80%AF)(?<half>AM|PM|am|pm)\\z")][0]) as $words
  | if $words != null then
      $words
      | .month as $month
      | (["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] | index($month)) as $index
      | if $index == null then "" else
          "\(.year)-\($index + 1 | padded)-\(.day | tonumber | padded)T\((.hour | tonumber) % 12 + (if .half | ascii_downcase == "pm" then 12 else 0 end) | padded):\(.rest)Z"
        end
    else sub("\\.0{1,9}Z\\z"; "Z") end
  | if is_time then . else null end;
# Until when KMS was asked to keep the material: what expires has a time, and it expires unless it is said that it does not.
# Else, in words, what stands there that cannot be read.
def aws_expiry:
  def asked_words:
    if . == null then "none"
    elif type == "string" then if utf8bytelength > 2048 then "a text of over 2048 bytes" else said end
    elif type == "number" then "a number that is no moment in whole seconds"
    else "neither a text nor a number" end;
  .expirationModel as $model
  | .validTo as $validTo
  | ($validTo
    | if type == "string" and utf8bytelength <= 2048 then said | aws_moment
      elif type == "number" then
        (. + 0) as $seconds
        | if $seconds >= 0 and $seconds <= latest_time and ($seconds | floor) == $seconds then $seconds | todateiso8601
          else null end
      else null end) as $moment
  | if $model == "KEY_MATERIAL_DOES_NOT_EXPIRE" and $validTo == null then {expiry: "never", unread: null}
    elif ($model == "KEY_MATERIAL_EXPIRES" or $model == null) and $moment != null then {expiry: $moment, unread: null}
    else {expiry: null, unread: "its expirationModel is \($model | asked_words), and its validTo \($validTo | asked_words)"} end;
def aws_event:
  (.userIdentity | if type == "object" then . else error("its userIdentity is of another type than AWS's") end) as $identity
  | aws_parts(""; ["requestParameters", "responseElements", "serviceEventDetails"]) as $parts
  | {id: aws_needed("eventID"), name: aws_needed("eventName"), source: aws_needed("eventSource"),
      at: aws_needed("eventTime"), region: aws_needed("awsRegion"), account: aws_text(""; "recipientAccountId"),
      request: aws_text(""; "requestID"), caller: ($identity | aws_caller),
      invokedBy: ($identity | aws_text("userIdentity."; "invokedBy")), error: aws_text(""; "errorCode"), subjects: ([$parts[] | aws_subjects[]] + aws_resources | unique),
      materials: ([$parts[] | .path as $path | .value | aws_texts($path; ["keyMaterialId", "currentKeyMaterialId"])[]] | unique),
      importType: (.requestParameters | aws_text("requestParameters."; "importType"))} + (.requestParameters | aws_expiry)
  | demand(.at | is_time; "its eventTime is no time");

# What the transcript says was asked of KMS: each call with its times, and what is known of its outcome.

def asked:
  {"create-intended": "CreateKey", "fetch-intended": "GetParametersForImport", "import-intended": "ImportKeyMaterial",
    "prove-intended": "ImportKeyMaterial", "rotate-intended": "RotateKeyOnDemand",
    "revoke-intended": "DeleteImportedKeyMaterial"}[.kind]
  // if .kind == "alias-intended" then if .body.from == "none" then "CreateAlias" else "UpdateAlias" end else null end;
# Who was to call: whom the intent names; before transcripts did, the plan's.
def caller_intended:
  . as $line | $line.body.caller // caller_of($plan[0]; role[$line.kind]) // $plan[0].environment.aws.caller;
# The calls that a result is of; `.latest` is the intent that stands open.
def calls_of($line; $slots):
  .latest as $opened | $line.body as $body
  | $slots[$opened.line.body.slot] as $slot
  | (.["created \($slot.slot)"] // $slot.key) as $key
  | ($slot.reimported.expiry // "never") as $expiry
  | def call($operation; $request; $more):
      (if $request == "unknown" then null else $request end) as $request
      | {line: $line.seq, intent: $opened.line.seq, operation: $operation, caller: ($opened.line | caller_intended),
          key: $key, request: $request,
          first: $opened.first, from: (if $request == null then $opened.first else $opened.line.at end),
          until: $line.at} + $more;
    if $line.kind == "created" then call("CreateKey"; $body.learned.request; {})
    elif $line.kind == "fetched" then call("GetParametersForImport"; $body.request; {})
    elif $line.kind == "imported" then
      call("ImportKeyMaterial"; $body.learned.request; {
        material: (if $slot.keySpec | keeps_materials then $body.material else null end),
        importType: {rotate: "NEW_KEY_MATERIAL", reimport: "EXISTING_KEY_MATERIAL"}[$slot.strategy], $expiry})
    elif $line.kind == "proved" then
      call("ImportKeyMaterial"; $body.learned.request; {material: $body.material, importType: "EXISTING_KEY_MATERIAL", $expiry})
    elif $line.kind == "rotated" then
      call("RotateKeyOnDemand"; $body.learned.request; {}),
      call("RotateKey"; null; {material: $body.material, isService: true})
    elif $line.kind == "revoked" then
      call("DeleteImportedKeyMaterial"; $body.learned.request; {material: $body.material})
    elif $line.kind == "alias-set" then
      call($opened.operation; $body.learned.request; {key: $body.target, alias: $body.alias})
    elif $body.request != null then call($opened.operation; $body.request; {error: $body.code})
    else empty end;
# What is intended and has no result was made or not.
def uncertain_call($state; $until; $slots):
  $slots[.line.body.slot] as $slot
  | {line: .line.seq, intent: .line.seq, operation, caller: (.line | caller_intended),
      key: ($state["created \($slot.slot)"] // $slot.key), request: null,
      isUncertain: true, first, from: .first, until: ([$until, .line.at] | max)};
def uncertain_calls($slots):
  . as $state
  | [to_entries[] | select(.key | startswith("open ")) | .value | select(. != null)] | sort_by(.line.seq)[]
  | uncertain_call($state; $state.last; $slots);
# Line by line, and at the end null. What is known then stands flat, under "open INTENT" and "created SLOT", and nothing here
# has other answers to give: of what lies deeper, or is to be come back to, jq makes a copy each time.
def step_of($line; $slots):
  if $line.asked != null then
    "open \($line.kind) \($line.body.slot) \($line.body.purpose)" as $intent
    | .latest = {$line, operation: $line.asked, $intent,
        first: (if .[$intent] == null then $line.at else .[$intent].first end)}
    | .[$intent] = .latest
  # Nobody knows whether it was made, and people signed again.
  elif .latest != null and $line.isAbandoned then
    .["abandoned \(.latest.intent)"] += [.latest + {until: $line.at}] | .latest = null
  elif .latest != null and $line.isResult then
    if $line.kind == "created" then .["created \($line.body.slot)"] = $line.body.key else . end
    | . as $state | "abandoned \(.latest.intent)" as $earlier
    # AWS answered the last one; what was found by looking may be of any.
    | .calls = [
        (if $line.kind != "refused" and ($line.body.learned.request // "unknown") != "unknown" then
          .[$earlier][]? | uncertain_call($state; .until; $slots)
        else empty end),
        calls_of($line; $slots)]
    | if $line.kind == "refused" then . else .[.latest.intent] = null | .[$earlier] = null end
    | .latest = null
  else . end;
def transcript_calls:
  ($plan[0].slots | map({key: .slot, value: .}) | from_entries) as $slots
  | [foreach ((inputs | .asked = asked
        | .isResult = (.kind | IN("created", "fetched", "imported", "proved", "rotated", "alias-set", "revoked", "refused"))
        | .isAbandoned = (.kind | IN("import-abandoned", "alias-abandoned", "revoke-abandoned"))),
        null) as $line ({};
      .calls = null
      | if $line == null then .isOver = true else
          .last = $line.at | if .begun == null then .begun = $line.at else . end | step_of($line; $slots)
        end;
      (.calls // [])[],
      if .isOver then
        {begun, last, keys: [to_entries[] | select(.key | startswith("created ")) | .value],
          uncertain: [uncertain_calls($slots)]}
      else empty end)]
  | .[-1] as $final
  # In seconds, which can be reckoned with.
  | {begun: ($final.begun | fromdateiso8601), last: ($final.last | fromdateiso8601),
      keys: ([$plan[0].slots[].key, $final.keys[]] | unique),
      calls: [.[:-1][], $final.uncertain[] | .first |= fromdateiso8601 | .from |= fromdateiso8601
        | .until |= fromdateiso8601]};

# The transcript held to AWS's record: `.calls`, and `$events` in their order.

def delivery: 900;
def later($seconds): [[. + $seconds, 0] | max, latest_time] | min;
def is_within($from; $until): $from <= . and . <= $until;

def watched:
  ["ImportKeyMaterial", "GetParametersForImport", "DeleteImportedKeyMaterial", "DeleteExpiredKeyMaterial",
    "RotateKeyOnDemand", "RotateKey", "EnableKeyRotation", "DisableKeyRotation", "CreateKey", "DeleteKey",
    "ScheduleKeyDeletion", "CancelKeyDeletion", "EnableKey", "DisableKey", "UpdateKeyDescription", "CreateAlias",
    "UpdateAlias", "DeleteAlias", "PutKeyPolicy", "CreateGrant", "RetireGrant", "RevokeGrant", "TagResource",
    "UntagResource", "ReplicateKey", "SynchronizeMultiRegionKey", "UpdatePrimaryRegion"];

# Whether the caller of that very call made it, and no service by way of their credentials; or KMS itself, what it does
# by itself.
def is_own($call):
  if $call.isService then .request == null and .caller == "AWS Internal" and .invokedBy == .caller
  else .caller == $call.caller and .invokedBy == null end;

# The ceremony's keys and aliases, by all that events call them.
def names_of($keys):
  $plan[0].environment.aws as $aws
  | {keys: ([$keys[] as $key | {key: $key, value: $key}, {key: ($key | split("/") | last), value: $key}] | from_entries),
    aliases: ([$plan[0].slots[].alias // empty | . as $alias
      | (., "arn:\($aws.partition):kms:\($aws.region):\($aws.account):\(.)") | {key: ., value: $alias}] | from_entries)};
# An event with the ceremony's keys and aliases that it names. A key id by itself says nothing of where, but that of a
# multi-Region key, which is the same everywhere.
def named_by($names):
  (.region == $plan[0].environment.aws.region) as $isHere
  | .keys = ([.subjects[] as $subject
      | ($subject | split("/") | map(select(. != "")) | last // $subject) as $id
      | ($id | startswith("mrk-")) as $isEverywhere
      | ($names.keys[$subject] // (if $isEverywhere then $names.keys[$id] else null end))
      | select(. != null and (. == $subject or $isEverywhere or $isHere))] | unique)
  | .aliases = (if $isHere then [.subjects[] | $names.aliases[.] // empty] else [] end);

# In what an event differs from a call that it is said to be of.
def differences_from($call):
  [(if .name == $call.operation then empty else "operation" end),
    (if $call.error == null and $call.isUncertain != true or $call.operation != "CreateKey" and .subjects != [] then
      if any(.keys[]; . == $call.key) then empty else "key" end else empty end),
    (if $call.alias == null or any(.aliases[]; . == $call.alias) then empty else "alias" end),
    (if $call.material == null or any(.materials[]; . == $call.material) then empty else "material" end),
    (if $call.importType == null or .importType == $call.importType then empty else "import-type" end),
    (if $call.expiry == null or .unread != null or .expiry == $call.expiry then empty else "expiry" end),
    (if (.error == null) == ($call.error == null) then empty else "outcome" end),
    (if is_own($call) then empty else "caller" end),
    (if .account == $plan[0].environment.aws.account then empty else "account" end),
    (if .region == $plan[0].environment.aws.region then empty else "region" end),
    (if .time | is_within($call.from | later(-clock_tolerance);
        [$call.from, if $call.isService then latest_time else $call.until end] | max | later(clock_tolerance))
      then empty else "time" end)];

# Whether it may have the call's expiry or another one, since that cannot be read.
def leaves_expiry_open($call): $call.expiry != null and .unread != null;
# The first of some that fits a call; one whose expiry cannot be read only where none is that says the call's.
def first_fitting(candidates; $call):
  [first((candidates | select(.event | leaves_expiry_open($call) | not)), candidates
    | select(.event | differences_from($call) == []))][0];

def deed_of: "\(.operation) \(if .isUncertain and .operation == "CreateKey" then "" else .key end)";
def by_deed($others):
  [range($others | length) as $i
    | $others[$i] as $event
    | ($event.keys | if . == [] then [""] else . end)[] as $key
    | {deed: "\($event.name) \($key)", at: $i}]
  | group_by(.deed) | map({key: .[0].deed, value: map(.at)}) | from_entries;

# An event is about the ceremony if it has the request id of one of its calls, or if it is about one of its keys and
# aliases, at its time.
def is_about($calls; $from; $until):
  .source == "kms.amazonaws.com" and (.account == null or .account == $plan[0].environment.aws.account)
  and (.call != null
    or (.name | IN(watched[]))
      and (.keys != [] or .aliases != []
        or .name == "CreateKey" and (. as $event
          | any($calls[]; . as $call | .isUncertain and .operation == "CreateKey" and ($event | is_own($call)))))
      and $from <= .time and (.time <= $until or .name == "RotateKey"));
def what_it_says:
  [.id, .name, .source, .at, .region, .account, .request, .caller, .invokedBy, .error, .subjects, .materials, .importType,
    .expiry, .unread]
  | tojson;

# Each call with its event, of those with its request id, or, if it has none, of those of its kind; `.own` is where that
# lies among the others.
def judged($answers; $others; $asOf):
  by_deed($others) as $deeds
  | [foreach (.calls | to_entries[]) as $entry ({};
      $entry.value as $call
      | (if $call.request != null then null else
          . as $explained
          | first_fitting(($deeds[$call | deed_of] // [])[] | select($explained["\(.)"] == null) | {at: ., event: $others[.]};
              $call).at
        end) as $own
      | (if $own != null then [$others[$own]] elif $call.request != null then [$answers["\($entry.key)"] // [] | .[]]
        else [] end) as $events
      | (first_fitting($events[] | {event: .}; $call).event // $events[0]) as $event
      | (if $event == null then [] else $event | differences_from($call) end) as $differences
      | (if $event == null then
          if $asOf < ($call.until | later(delivery)) then "not-yet"
          elif $call.isUncertain then "not-seen" else "missing" end
        elif $differences == [] then "matched" else "differs" end) as $standing
      | def finding($kind; $of): {kind: $kind, line: $call.line, operation: $call.operation, id: $of.id, event: $of.sha256};
        (if $own == null then . else .["\($own)"] = true end)
      | .result = {own: $own, call: ($call + {standing: $standing, event: $event}), findings: [
          (if $standing == "matched" and $call.isUncertain then finding("unsettled"; $event)
          elif $standing | IN("missing", "not-yet") then finding($standing; null)
          else $differences[] as $in
            | finding(if $in == "caller" then "other-identity" else "differs" end; $event) + {in: $in} end),
          (if $event != null and ($event | leaves_expiry_open($call)) then finding("unreadable-expiry"; $event) else empty end),
          ($events[] | select(.sha256 != $event.sha256) | finding("replayed"; .))]};
      .result)];

# By how many seconds AWS's clock is ahead of the host's.
def clock_offset:
  [.judged[] | select(.standing == "matched" and .request != null)
    | {low: (.event.time - .until - 1), high: (.event.time - .from + 1)}]
  | if . == [] then null else
      (map(.low) | max) as $low | (map(.high) | min) as $high
      | [[0, ([$low, $high] | min)] | max, ([$low, $high] | max)] | min
    end;

# What is to be said of an event that is no call's.
def unexplained($calls; $offset):
  . as $event
  | (first(.keys[] as $key | $calls["\($event.name) \($key)"] // [] | .[]
      | select(. as $call | ($event | is_own($call)) and ($event.time
          | is_within($call.first - 1 | later($offset); [$call.first, $call.until] | max | . + 1 | later($offset)))))
    // null) as $call
  | if $call != null and .error != null then empty
    else {kind: "unexpected", line: (if $call != null and .name == "GetParametersForImport" then $call.line else null end),
      operation: .name, id, event: .sha256} end;

def held_to_record($events; $asOf):
  # Of those with one id the first counts.
  ($events | group_by(.id) | map({key: .[0].id, value: .[0].sha256}) | from_entries) as $first
  | [$events[] | select($first[.id] == .sha256)] as $firsts
  | [$events[] | select($first[.id] != .sha256)] as $doubles
  | ([$firsts[] | select(.call != null)] | group_by(.call) | map({key: "\(.[0].call)", value: .}) | from_entries) as $answers
  | [$firsts[] | select(.call == null)] as $others
  | judged($answers; $others; $asOf) as $results
  | .judged = [$results[].call]
  | clock_offset as $offset
  | (if $offset == null then [(.begun | later(-clock_tolerance)), (.last | later(clock_tolerance))]
    else [(.begun | later($offset)), (.last | later($offset))] end) as $window
  | (.judged | group_by(deed_of) | map({key: (.[0] | deed_of), value: .}) | from_entries) as $calls
  | ([$results[].own | select(. != null) | {key: "\(.)", value: true}] | from_entries) as $explained
  | .findings = [$doubles[] | {kind: "replayed", operation: .name, id, event: .sha256}] + [$results[].findings[]]
      + [range($others | length) | select($explained["\(.)"] == null) | $others[.]
        | select(.time | is_within($window[0]; $window[1])) | unexplained($calls; $offset // 0)]
  | .window = $window
  | .offset = $offset
  | .isDue = ($asOf >= ($window[1] | later(delivery)));

def without_nulls: with_entries(select(.value != null));
# The lines of a record held to a transcript, as `transcript_calls` has read it.
def reconciled($recorded; $read):
  def refuse_line($i; reason): error({place: recorded_place($i + 2), reason: reason});
  $recorded[0] as $said
  | ($said.asOf | fromdateiso8601) as $asOf
  | characters as $characters
  # The first format does not look at when what is imported expires.
  | ($said.schema == "keyrite.reconciliation/1") as $isFirst
  | ($read | if $isFirst then .calls |= map(.expiry = null) else . end) as $transcript
  | names_of($transcript.keys) as $names
  | (reduce range($transcript.calls | length) as $i ({};
      $transcript.calls[$i].request as $request
      | if $request == null or has($request) then . else .[$request] = $i end)) as $byRequest
  | try (
    ([range(1; $recorded | length) as $i
      | $recorded[$i]
      | .sha256 as $sha256
      | try (.record | unsaid($characters) | fromjson | aws_event) catch refuse_line($i - 1; "its record is no event of CloudTrail's: \(.)")
      | if $isFirst then .expiry = null | .unread = null else . end
      | . + {$sha256, time: (.at | fromdateiso8601), call: (if .request == null then null else $byRequest[.request] end)}
      | named_by($names)]) as $events
    | reduce range($events | length) as $i ({};
        $events[$i] as $event
        | $events[$i - 1] as $last
        | (if $i == 0 or [$last.at, $last.sha256] < [$event.at, $event.sha256] then . else
            refuse_line($i; "it is not in its place, or stands there twice") end)
        | (if $event.at <= $said.asOf then . else refuse_line($i; "it happened after AWS's record was seen") end)
        | (if ($event | is_about($transcript.calls; $transcript.begun | later(-clock_tolerance);
              $transcript.last | later(clock_tolerance)))
            and .[$event | what_it_says] == null then . else
            refuse_line($i; "it is not about this ceremony, or says what another one says") end)
        | .[$event | what_it_says] = true)
    | $transcript | held_to_record($events; $asOf)
    | ([.judged[].event.id, .findings[].id | select(. != null) | {key: ., value: true}] | from_entries) as $told
    | reduce range($events | length) as $i (.;
        if $told[$events[$i].id] then . else refuse_line($i; "no call is its, and no finding is about it") end)
    | ([.judged[] | {intent, line, operation, key, alias, material, request, standing, id: .event.id, event: .event.sha256}
        | without_nulls]) as $calls
    | (.findings | map(without_nulls)) as $findings
    | demand_of(recorded_place(1); $said.records >= ($events | length); "it has more events than it says were read")
    | demand_of(recorded_place(1); .isDue and all($findings[]; .kind != "not-yet");
        "AWS could still be about to deliver something when its record was seen")
    | demand_of(recorded_place(1); $said.calls == $calls; "its calls are not the transcript's, each with its event")
    | demand_of(recorded_place(1); $said.findings == $findings; "its findings are not those that follow from its events")
    | demand_of(recorded_place(1); ($said | {result, window, clockOffset, account, region})
          == {result: (if $findings == [] then "agreed" else "not-agreed" end),
            window: {from: (.window[0] | todateiso8601), until: (.window[1] | todateiso8601)}, clockOffset: .offset,
            account: $plan[0].environment.aws.account, region: $plan[0].environment.aws.region};
        "its result, time, account or Region is not what follows")
    | ([finding_kinds[] as $kind | [$findings[] | select(.kind == $kind)] | length | select(. > 0) | "\(.) \($kind)"]
        | join(", ")) as $words
    | {texts: [["words", $words], ["row", ((if $findings == [] then "AGREED: " else "NOT AGREED: " end)
        + "\([$calls[] | select(.standing == "matched")] | length) of \($calls | length) calls have their event, up to \($said.asOf)"
        + if $words == "" then "" else "; \($words)" end)]]}
  ) catch {refused: .};
def reconciled_facts: transcript_calls as $read | reconciled($recorded; $read);
RULES
}

tab=$(printf '\t')
line_feed='
'
# MessageImprint (RFC 3161, 2.4.1) of a SHA-256, up to its digest.
sha256_imprint=3031300d060960864801650304020105000420
zeros=0000000000000000000000000000000000000000000000000000000000000000
main "$@"
