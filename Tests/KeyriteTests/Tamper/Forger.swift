import CryptoPrimitives
import Evidence
import Room
import Testing

/// Everybody in the room together, the administrator's host and all who sign, writing a transcript as they like.
///
/// Whatever follows from other lines is made anew: the chain, each statement's anchor, history and digest, the approvals
/// with their signatures, the lists of counted ones, the manifest. So what a verifier refuses afterwards is the one rule
/// that a test broke, not a digest that no longer fits.
struct Forger {
    /// One line to be: its kind and body; time and host as they were.
    struct Line {
        var kind: String
        var body: JSONValue
        var at: String
        var host: String

        /// What a statement says otherwise than follows from plan, roster and the lines before it.
        var stated: [String: JSONValue] = [:]
        /// What the approval's file says and who signs it, if not what the line says.
        var approval = ForgedApproval()
        /// What the file of the hand-over that it receives says and who signs it, if not what follows from the lines.
        var handover = ForgedHandover()
        /// The gates that it takes back: another machine goes on, or a deletion was abandoned.
        var takenBack: Set<String> = []
    }

    /// Deviations of an approval's file from what an honest one would hold.
    struct ForgedApproval {
        var signer: String?
        var namespace: String?
        var replaced: [String: JSONValue] = [:]
    }

    /// The same of what a host of an air gap handed over.
    struct ForgedHandover {
        var signer: String?
        var namespace: String?
        var change: @Sendable (inout JSONValue) -> Void = { _ in }
        /// What is done to the signature's file.
        var alteration: @Sendable ([UInt8]) throws -> [UInt8] = { $0 }
    }

    let copy: TamperedFolder
    var lines: [Line]
    /// Members whose key on the roster is not their token's.
    var otherKeys: [String: any OtherKey] = [:]
    /// The keys of an air gap's hosts, by the hosts' names.
    var hostKeys: [String: any OtherKey] = [:]

    /// What lies in the folder when it is closed, and is not on record.
    var strewn: [String: [UInt8]] = [:]
    /// Decisions on the gates that are laid there when they are passed, and not put on record.
    var late: [Line] = []

    private var written: [UInt8] = []
    private var head = Transcript.genesis
    private var statement = JSONValue.object([:])
    private var statementDigest = ""
    private var counted: [JSONValue] = []
    private var decisions: [JSONValue] = []
    private var earlier: [JSONValue] = []
    private var exceptions: [(stated: JSONValue, line: JSONValue)] = []
    private var manifest = ""

    init(_ copy: TamperedFolder) throws {
        self.copy = copy
        let text = String(decoding: try copy.folder.read(Transcript.path), as: UTF8.self)
        lines = try text.split(separator: "\n").map { line in
            let value = try CanonicalJSON.parse(Array(line.utf8))
            return Line(
                kind: value["kind"].text, body: value["body"], at: value["at"].text, host: value["host"].text)
        }
    }

    /// The index of the first line of a kind whose body has these members.
    func index(_ kind: String, _ members: [String: JSONValue] = [:]) throws -> Int {
        try #require(
            lines.firstIndex { line in line.kind == kind && members.allSatisfy { line.body[$0.key] == $0.value } })
    }

    /// Puts lines in at another place, at the time of the line before it; a statement counts from then on.
    mutating func insert(_ moved: some Sequence<Line>, at index: Int) {
        let time = lines[index - 1].at
        let timed = moved.map { line in
            var line = line
            line.at = time
            if line.kind == "gate-opened" { line.body["validity"]["from"] = .string(time) }
            return line
        }
        lines.insert(contentsOf: timed, at: index)
    }

    /// A line, shaped like the first.
    private func line(_ kind: String, _ body: [String: JSONValue]) throws -> Line {
        let first = try #require(lines.first)
        return Line(kind: kind, body: .object(body), at: first.at, host: first.host)
    }

    func abort() throws -> Line { try line("aborted", ["by": "ada", "reason": "the safe is jammed"]) }

    func refusal() throws -> Line { try line("refused", ["code": "KMSInvalidStateException"]) }

    /// Writes transcript, statements, approvals and manifest anew.
    mutating func write() async throws {
        let folder = copy.folder
        let derived = ["statements/", "approvals/", Handover.folder, Manifest.path, Transcript.path]
        for path in try folder.files() where derived.contains(where: path.hasPrefix) { try folder.remove(path) }
        for (index, line) in lines.enumerated() {
            var line = line
            try await derive(&line, number: index + 1)
            try append(line, number: index + 1)
        }
        try folder.write(written, to: Transcript.path)
    }

    private mutating func append(_ line: Line, number: Int) throws {
        let value = JSONValue.object([
            "seq": .integer(Int64(number)), "prev": .string(head), "at": .string(line.at), "host": .string(line.host),
            "kind": .string(line.kind), "body": line.body,
        ])
        let bytes = try CanonicalJSON.encode(value) + [UInt8(ascii: "\n")]
        written += bytes
        head = SHA256Digest(of: bytes).hex
        if line.kind == "exception" {
            let stated = JSONValue.object(["seq": .integer(Int64(number)), "exception": line.body])
            exceptions.append((stated, .string(head)))
        }
    }

    private mutating func derive(_ line: inout Line, number: Int) async throws {
        switch line.kind {
        case "gate-opened": try open(&line, number: number)
        case "approval": try await approve(&line)
        case "received": try await receive(&line, number: number)
        case "exception", "revoke-abandoned", "import-abandoned", "alias-abandoned":
            earlier.removeAll { line.takenBack.contains($0["gate"].text) }
        case "gate-passed":
            for left in late where left.body["gate"] == line.body["gate"] { try await leave(left) }
            line.body["counted"] = .array(counted)
            earlier.append(
                .object([
                    "gate": line.body["gate"], "attempt": line.body["attempt"], "statement": .string(statementDigest),
                ]))
        case "closed": if line.body["manifest"].text != Self.otherDigest { line.body["manifest"] = .string(manifest) }
        default: break
        }
    }

    private mutating func open(_ line: inout Line, number: Int) throws {
        let before = Int64(number - 1)
        line.body["anchor"] = .object(["seq": .integer(before), "head": .string(head)])
        line.body["earlier"] = .array(earlier)
        line.body["decisions"] = .array(decisions)
        if line.body["exceptions"] != .array([]) { line.body["exceptions"] = .array(exceptions.map(\.stated)) }
        let gate = line.body["gate"].text
        if gate == "close" {
            try copy.folder.write(written, to: Transcript.path)
            for (path, bytes) in strewn { try copy.folder.write(bytes, to: path) }
            let made = try Manifest.make(of: copy.folder, lines: number - 1, attempt: 1)
            try copy.folder.write(made, to: Manifest.path)
            manifest = SHA256Digest(of: made).hex
            line.body["subject"]["close"]["head"] = .string(head)
            line.body["subject"]["close"]["lines"] = .integer(before)
            line.body["subject"]["close"]["manifest"] = .string(manifest)
            if line.body["subject"]["close"]["exceptions"] != .array([]) {
                line.body["subject"]["close"]["exceptions"] = .array(exceptions.map(\.line))
            }
        }
        for (key, value) in line.stated { line.body[key] = value }
        statement = line.body
        let bytes = try CanonicalJSON.encode(line.body)
        statementDigest = SHA256Digest(of: bytes).hex
        counted = []
        try copy.folder.write(bytes, to: "statements/\(gate)-\(try line.body["attempt"].number).json")
    }

    private mutating func approve(_ line: inout Line) async throws {
        let name = line.body["name"].text
        let roster = try Roster(json: copy.ceremony.room.rosterBytes)
        let member = try #require(roster.member(named: name))
        var members: [String: JSONValue] = [
            "schema": .string(Approval.currentSchema), "mode": statement["mode"], "ceremony": statement["ceremony"],
            "gate": statement["gate"], "attempt": statement["attempt"], "plan": statement["plan"],
            "statement": .string(statementDigest), "name": .string(name),
            "role": .string(member.role.rawValue),
            "key": .string(try otherKeys[name]?.fingerprint ?? member.publicKey().fingerprint),
            "decision": line.body["decision"], "at": .string(line.at),
        ]
        if line.body["decision"] == .string("refuse") { members["reason"] = .string("not today") }
        members.merge(line.approval.replaced) { _, replaced in replaced }
        let path = "approvals/\(line.body["gate"].text)-\(try line.body["attempt"].number)/\(name).json"
        if try !copy.folder.files().contains(path) {
            let bytes = try CanonicalJSON.encode(JSONValue.object(members))
            let signature = try await sign(
                bytes, as: line.approval.signer ?? name, namespace: line.approval.namespace ?? roster.mode.gateNamespace
            )
            try copy.folder.write(bytes, to: path)
            try copy.folder.write(signature, to: path + ".sig")
        }
        line.body["approval"] = .string(SHA256Digest(of: try copy.folder.read(path)).hex)
        line.body["signature"] = .string(SHA256Digest(of: try copy.folder.read(path + ".sig")).hex)
        decisions.append(line.body.only("gate", "attempt", "name", "decision", "approval"))
        if line.body["decision"] == .string("approve") {
            counted.append(line.body.only("name", "approval", "signature"))
        }
    }

    /// The files of a decision alone.
    private mutating func leave(_ line: Line) async throws {
        let before = (decisions, counted)
        var line = line
        try await approve(&line)
        (decisions, counted) = before
    }

    /// Has the host of the line before this one sign the folder as it is.
    private mutating func receive(_ line: inout Line, number: Int) async throws {
        let before = lines[number - 2]
        let count = Int(try line.body["number"].number)
        let (path, signaturePath) = (Handover.path(count), Handover.signaturePath(count))
        if try !copy.folder.files().contains(path) {
            let paths = try copy.folder.files().filter { ![path, Transcript.path].contains($0) }
            let files = try paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { path in
                let digest = SHA256Digest(of: try copy.folder.read(path))
                return JSONValue.object(["path": .string(path), "sha256": .string(digest.hex)])
            }
            var said = JSONValue.object([
                "schema": .string(Handover.currentSchema), "mode": "rehearsal", "ceremony": lines[0].body["ceremony"],
                "number": line.body["number"], "from": .string(before.host), "to": .string(line.host),
                "seq": .integer(Int64(number - 1)), "head": .string(head), "at": .string(before.at),
                "files": .array(files),
            ])
            line.handover.change(&said)
            let bytes = try CanonicalJSON.encode(said)
            let signer = line.handover.signer ?? before.host
            let signature = try await (hostKeys[signer] ?? #require(otherKeys[signer]))
                .sign(bytes, namespace: line.handover.namespace ?? Mode.rehearsal.handoverNamespace)
            try copy.folder.write(bytes, to: path)
            try copy.folder.write(try line.handover.alteration(signature), to: signaturePath)
        }
        line.body["handover"] = .string(SHA256Digest(of: try copy.folder.read(path)).hex)
        line.body["signature"] = .string(SHA256Digest(of: try copy.folder.read(signaturePath)).hex)
    }

    /// Signs with the key that the roster gives this member.
    func sign(_ bytes: [UInt8], as name: String, namespace: String) async throws -> [UInt8] {
        if let key = otherKeys[name] { return try await key.sign(bytes, namespace: namespace) }
        return try await copy.ceremony.signing.take {
            try await copy.ceremony.room.site.signer(of: name).sign(bytes, namespace: namespace)
        }
    }

    /// A digest of nothing at all.
    static let otherDigest = String(repeating: "5", count: 64)
}

extension JSONValue {
    /// A member of an object; an empty object where there is none.
    subscript(key: String) -> JSONValue {
        get {
            if case .object(let members) = self { members[key] ?? .object([:]) } else { .object([:]) }
        }
        set {
            guard case .object(var members) = self else { return }
            members[key] = newValue
            self = .object(members)
        }
    }

    /// An element of an array.
    subscript(index: Int) -> JSONValue {
        get {
            if case .array(let elements) = self, elements.indices.contains(index) {
                elements[index]
            } else {
                .array([])
            }
        }
        set {
            guard case .array(var elements) = self, elements.indices.contains(index) else { return }
            elements[index] = newValue
            self = .array(elements)
        }
    }

    var text: String {
        if case .string(let text) = self { text } else { "" }
    }

    var number: Int64 {
        get throws {
            guard case .integer(let number) = self else { throw EvidenceError(".", "a test wanted a number") }
            return number
        }
    }

    /// An object without a member.
    func without(_ key: String) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members[key] = nil
        return .object(members)
    }

    /// A list of attributes with another value for one of them.
    func setting(_ attribute: String, to value: String) -> JSONValue {
        guard case .array(let attributes) = self else { return self }
        return .array(
            attributes.map {
                $0["name"].text == attribute ? .object(["name": .string(attribute), "value": .string(value)]) : $0
            })
    }

    /// The elements of an array.
    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    func only(_ keys: String...) -> JSONValue {
        .object(Dictionary(uniqueKeysWithValues: keys.map { ($0, self[$0]) }))
    }
}
