import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// A key that a roster gives a member in place of their token's.
protocol OtherKey: Sendable {
    /// As a roster has it.
    var line: String { get }
    var fingerprint: String { get }
    /// What the roster says of it.
    var userPresence: UserPresence? { get }
    /// - Returns: The `.sig` file.
    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8]
}

extension CraftedKey: OtherKey {
    var userPresence: UserPresence? { nil }
}

/// A key on the software authenticator, and what that says when it signs in a namespace.
struct AuthenticatorKey: OtherKey {
    let line: String
    let userPresence: UserPresence?
    /// The authenticator's flags by the purpose of the signature, `gate` or `roster`; by default what OpenSSH asked for.
    var flags: [String: UInt8] = [:]
    /// What is done to each signature by the authenticator's owner, of its wire form in hex.
    var alteration: @Sendable (String) -> String = { $0 }
    private let file: String
    /// Goes with the last copy of this.
    private let folder: TemporaryFolder

    init(_ type: String, _ presence: UserPresence?, application: String = "ssh:") async throws {
        folder = try TemporaryFolder()
        file = folder.path + "/key"
        userPresence = presence
        line = try await SoftwareAuthenticator.enrol(type, at: file, options: ["application=\(application)"])
    }

    var fingerprint: String { (try? SSHPublicKey(line: line).fingerprint) ?? "" }

    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        let purpose = namespace.split(separator: ".")[1]
        let armored = try await SoftwareAuthenticator.sign(
            message, with: file, namespace: namespace, flags: flags[String(purpose)])
        let lines = String(decoding: armored, as: UTF8.self).split(separator: "\n")
        let blob = try #require(Data(base64Encoded: lines.dropFirst().dropLast().joined()))
        let altered = try #require(Hex.decode(alteration(Hex.encode([UInt8](blob)))))
        let base64 = Array(Base64.encode(altered))
        let body = stride(from: 0, to: base64.count, by: 70).map { String(base64[$0..<min($0 + 70, base64.count)]) }
        return Array(
            (([String(lines[0])] + body + [String(lines[lines.count - 1])]).joined(separator: "\n") + "\n").utf8)
    }
}

extension RehearsedCeremony {
    /// The room's roster with other keys for these members.
    func rosterGiving(_ keys: [String: any OtherKey]) throws -> JSONValue {
        var roster = try CanonicalJSON.parse(room.rosterBytes)
        for index in roster["members"].elements.indices {
            guard let key = keys[roster["members"][index]["name"].text] else { continue }
            roster["members"][index]["key"] = .string(key.line)
            if let presence = key.userPresence {
                roster["members"][index]["userPresence"] = .string(presence.rawValue)
            }
        }
        return roster
    }
}

extension Forger {
    /// Gives members other keys from the roster on, which everybody accepts, and makes everything anew that names them.
    ///
    /// - Returns: The new roster's digest.
    mutating func give(_ keys: [String: any OtherKey]) async throws -> SHA256Digest {
        otherKeys = keys
        let old = try Roster(json: copy.ceremony.room.rosterBytes)
        let roster = try CanonicalJSON.encode(try copy.ceremony.rosterGiving(keys))
        let digest = SHA256Digest(of: roster)
        try copy.folder.write(roster, to: Roster.path)
        for member in old.members {
            let acceptance = try await sign(roster, as: member.name, namespace: old.mode.rosterNamespace)
            try copy.folder.write(acceptance, to: Roster.acceptancePath(of: member))
        }
        try copy.change(Roster.allowedSignersPath) { bytes in
            var text = String(decoding: bytes, as: UTF8.self)
            for member in old.members {
                if let key = keys[member.name] { text = text.replacing(member.key, with: key.line) }
            }
            bytes = Array(text.utf8)
        }
        try copy.change(Plan.path) { bytes in
            var plan = try CanonicalJSON.parse(bytes)
            plan["roster"] = .string(digest.hex)
            bytes = try CanonicalJSON.encode(plan)
        }
        let plan = SHA256Digest(of: try copy.folder.read(Plan.path))
        for index in lines.indices where ["run-started", "gate-opened"].contains(lines[index].kind) {
            lines[index].body["roster"] = .string(digest.hex)
            lines[index].body["plan"] = .string(plan.hex)
        }
        return digest
    }
}
