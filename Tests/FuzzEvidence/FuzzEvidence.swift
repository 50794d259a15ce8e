import Ceremony
import CryptoPrimitives
import Evidence
import KeyriteCommands
import Room

/// What libFuzzer calls with each input: its first byte chooses a decoder of what strangers hand in, the rest is for it.
///
/// A decoder may refuse; what it accepts must be the one form of what it means, so that no two files mean the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = input.first else { return 0 }
    let decoders = [
        json, roster, plan, approval, signature, publicKey, transcript, percent, statement, definition,
        rosterDefinition,
        site,
    ]
    decoders[Int(first) % decoders.count](Array(input.dropFirst()))
    return 0
}

private func json(_ bytes: [UInt8]) {
    guard let value = try? CanonicalJSON.parse(bytes) else { return }
    precondition((try? CanonicalJSON.encode(value)) == bytes, "accepted in a form that is not the canonical one")
}

private func roster(_ bytes: [UInt8]) {
    guard let roster = try? Roster(json: bytes) else { return }
    precondition((try? roster.json()) == bytes, "a roster in two forms")
    _ = roster.allowedSigners()
}

private func plan(_ bytes: [UInt8]) {
    guard let plan = try? CanonicalJSON.decode(Plan.self, from: bytes) else { return }
    precondition((try? CanonicalJSON.encode(plan)) == bytes, "a plan in two forms")
    _ = try? plan.validate()
}

/// The approval, the statement, the roster, a line each, and then the signature's armor.
private func approval(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
        .map(Array.init)
    guard let approval = try? CanonicalJSON.decode(Approval.self, from: parts[0]) else { return }
    precondition((try? CanonicalJSON.encode(approval)) == parts[0], "an approval in two forms")
    guard parts.count == 4, let statement = try? CanonicalJSON.decode(Statement.self, from: parts[1]),
        let roster = try? Roster(json: parts[2])
    else { return }
    guard
        let counted = try? Approval.check(
            parts[0], signature: parts[3], statement: statement, digest: SHA256Digest(of: parts[1]), roster: roster,
            now: approval.at)
    else { return }
    precondition(counted == approval, "another approval than the file's counts")
    precondition((try? SSHSignature(armored: parts[3]))?.armored == parts[3], "a signature in two forms counts")
}

private func statement(_ bytes: [UInt8]) {
    guard let statement = try? CanonicalJSON.decode(Statement.self, from: bytes) else { return }
    precondition((try? CanonicalJSON.encode(statement)) == bytes, "a statement in two forms")
    do { _ = try StatementText.paragraphs(bytes) } catch is StatementNotShown {} catch {
        preconditionFailure("not an error for people: \(error)")
    }
}

/// What people write themselves has many forms; it must be read or refused.
private func definition(_ bytes: [UInt8]) {
    yaml(bytes) { _ = try Definition(yaml: $0, file: "/nowhere/definition.yaml") }
}

private func rosterDefinition(_ bytes: [UInt8]) {
    yaml(bytes) { _ = try RosterDefinition(yaml: $0, file: "/nowhere/roster.yaml").first() }
}

private func site(_ bytes: [UInt8]) {
    yaml(bytes) { text in
        let site = try Site(yaml: text, file: "/nowhere/site.yaml")
        let again = try? Site(yaml: site.yaml, file: "/nowhere/site.yaml")
        precondition(again?.yaml == site.yaml, "a site that cannot be read back")
    }
}

private func yaml(_ bytes: [UInt8], _ read: (String) throws -> Void) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return }
    do { try read(text) } catch is CeremonyError {} catch { preconditionFailure("not an error for people: \(error)") }
}

private func signature(_ bytes: [UInt8]) {
    guard let signature = try? SSHSignature(armored: bytes) else { return }
    precondition(signature.armored == bytes, "a signature in two forms")
}

private func publicKey(_ bytes: [UInt8]) {
    guard let line = String(validating: bytes, as: UTF8.self), let key = try? SSHPublicKey(line: line) else { return }
    precondition(key.line == line, "a key in two forms")
}

private func transcript(_ bytes: [UInt8]) {
    guard let transcript = try? Transcript(parsing: bytes) else { return }
    let written = transcript.lines.compactMap { try? CanonicalJSON.encode($0) }.flatMap { $0 + [UInt8(ascii: "\n")] }
    precondition(written == bytes, "a transcript in two forms")
}

private func percent(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self), let decoded = try? PercentEncoding.decode(text) else {
        return
    }
    precondition(PercentEncoding.encode(decoded) == text, "a text in two forms")
}
