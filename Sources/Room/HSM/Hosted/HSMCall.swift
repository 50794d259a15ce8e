import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import PKCS11

/// A call of `HSMPort` as it crosses to the process that holds the module.
enum HSMCall: Codable, Sendable {
    case identity
    case leave
    case selfTest([KeyProfile])
    case way(KeySpec)
    case find(label: String, id: String)
    case generate(label: String, id: String, keySpec: KeySpec, attributes: [AttributeSetting])
    case encrypt(Octets, label: String, id: String)
    case authenticate(Octets, label: String, id: String, keySpec: KeySpec)
    /// One of a wrap's requests. `wrappingKey` is the DER of its SubjectPublicKeyInfo.
    case wrap(label: String, id: String, way: WrappingWay, wrappingKey: Octets, trustedAs: String?)
    case requireTrusted(label: String, wrappingKey: Octets)
    case giveCheckUsage(label: String, id: String, keySpec: KeySpec)
    case removeCheckUsage(label: String, id: String, keySpec: KeySpec)
    case lock(label: String, id: String, keySpec: KeySpec)
    case destroy(label: String, id: String)

    init(_ request: HSMWrapRequest) {
        self = .wrap(
            label: request.label, id: request.id, way: request.way, wrappingKey: Octets(request.wrappingKey.spki),
            trustedAs: request.trustedAs)
    }

    /// What it is called in errors.
    var name: String {
        switch self {
        case .identity: "identity"
        case .leave: "leave"
        case .selfTest: "self-test"
        case .way: "way"
        case .find: "find"
        case .generate: "generate"
        case .encrypt: "encrypt"
        case .authenticate: "authenticate"
        case .wrap: "wrap"
        case .requireTrusted: "require trusted"
        case .giveCheckUsage: "give check usage"
        case .removeCheckUsage: "remove check usage"
        case .lock: "lock"
        case .destroy: "destroy"
        }
    }

    /// Makes the call.
    ///
    /// - Returns: What crosses back, which `HostedHSM` knows the type of.
    func answer(by hsm: any HSMPort) async throws -> any Encodable & Sendable {
        switch self {
        case .identity: return try await hsm.identity()
        case .leave:
            try await hsm.leave()
            return Done()
        case .selfTest(let profiles): return try await hsm.selfTest(profiles)
        case .way(let keySpec): return try await hsm.way(for: keySpec)
        case .find(let label, let id): return try await hsm.find(label: label, id: id)
        case .generate(let label, let id, let keySpec, let attributes):
            return try await hsm.generate(label: label, id: id, of: keySpec, attributes: attributes)
        case .encrypt(let blocks, let label, let id):
            return Octets(try await hsm.encrypt(blocks: blocks.bytes, label: label, id: id))
        case .authenticate(let message, let label, let id, let keySpec):
            return Octets(try await hsm.authenticate(message.bytes, label: label, id: id, of: keySpec))
        case .wrap(let label, let id, let way, let wrappingKey, let trustedAs):
            let key = try RSAPublicKey(spki: wrappingKey.bytes)
            let request = HSMWrapRequest(label: label, id: id, way: way, wrappingKey: key, trustedAs: trustedAs)
            return try await hsm.wrap([request]).map(Octets.init)
        case .requireTrusted(let label, let wrappingKey):
            try await hsm.requireTrusted(label: label, wrappingKey: try RSAPublicKey(spki: wrappingKey.bytes))
            return Done()
        case .lock(let label, let id, let keySpec):
            return try await hsm.lock(label: label, id: id, of: keySpec)
        case .destroy(let label, let id):
            try await hsm.destroy(label: label, id: id)
            return Done()
        case .giveCheckUsage(let label, let id, let keySpec):
            return try await hsm.giveCheckUsage(label: label, id: id, of: keySpec)
        case .removeCheckUsage(let label, let id, let keySpec):
            return try await hsm.removeCheckUsage(label: label, id: id, of: keySpec)
        }
    }

    /// The answer to a call that answers nothing.
    struct Done: Codable, Sendable {}
}

/// Which token of which module a host is to hold.
struct HSMHosting: Codable, Sendable {
    /// The absolute path of the PKCS#11 library.
    let module: String
    /// What it wants to be told when it is loaded.
    let parameters: String?
    /// The token's RFC 7512 URI.
    let token: String
    /// The module's file as it is to be, and which token an earlier child found there; nil for the first.
    var loaded: SHA256Digest?
    var identified: TokenIdentity?

    /// Refuses another library, as it lies there before it is loaded.
    ///
    /// - Throws: `CeremonyError`.
    func requireSameModule() throws {
        // What cannot be read fails to load, and says so.
        guard let loaded, let found = try? SHA256Digest(ofFileAt: module), found != loaded else { return }
        throw CeremonyError(
            .environment,
            "The PKCS#11 module \(PercentEncoding.encode(module)) is another file now: its SHA-256 is \(found.hex), not "
                + loaded.hex,
            remedy: "It was not loaded, and no PIN was sent to it. Restore the module that the plan names, then go on")
    }
}

/// Bytes as JSON has them here: in hex.
struct Octets: Codable, Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = Hex.decode(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not hex")
        }
        self.bytes = bytes
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Hex.encode(bytes))
    }
}

/// A `TokenInfo` on its way to whoever knows the token's PIN.
struct HostedTokenInfo: Codable, Sendable {
    private let label: String
    private let manufacturer: String
    private let model: String
    private let serial: String
    private let flags: UInt
    private let hardwareVersion: [UInt8]
    private let firmwareVersion: [UInt8]

    init(_ info: TokenInfo) {
        label = info.label
        manufacturer = info.manufacturer
        model = info.model
        serial = info.serial
        flags = info.flags.rawValue
        hardwareVersion = [info.hardwareVersion.major, info.hardwareVersion.minor]
        firmwareVersion = [info.firmwareVersion.major, info.firmwareVersion.minor]
    }

    /// - Throws: `FrameError` when a version is none.
    func info() throws -> TokenInfo {
        func version(_ parts: [UInt8]) throws -> TokenInfo.Version {
            guard parts.count == 2 else { throw FrameError.malformed("a version has two parts") }
            return TokenInfo.Version(major: parts[0], minor: parts[1])
        }
        return TokenInfo(
            label: label, manufacturer: manufacturer, model: model, serial: serial, flags: TokenFlags(rawValue: flags),
            hardwareVersion: try version(hardwareVersion), firmwareVersion: try version(firmwareVersion))
    }
}

extension FrameChannel {
    /// Sends a value as JSON.
    func send(_ kind: FrameKind, json value: some Encodable) throws {
        try send(kind, [UInt8](try JSONEncoder().encode(value)))
    }
}

extension Decodable {
    /// Reads a frame's JSON.
    ///
    /// - Throws: `FrameError`, which does not repeat what was sent.
    init(frame bytes: [UInt8]) throws {
        do { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
            throw FrameError.malformed("a frame holds no \(Self.self)")
        }
    }
}
