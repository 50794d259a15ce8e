import CryptoPrimitives
import Evidence
import Foundation
import FoundationNetworking
import Room
import Testing

/// What of an imported key nobody but its HSM and KMS may have: the bytes of a secret key; of a key pair its private
/// numbers, each by itself.
struct ImportedSecrets {
    let traces: [Traces]

    /// Of a slot's key, as only the emulator can tell.
    init(of slot: PlanSlot, in room: CeremonyRoom) async throws {
        let record = try room.record()
        let imported = try #require(record.slots[slot.slot]?.imported)
        let material = try await Self.export(
            try #require(record.key(of: slot)), slot.keySpec.keepsMaterials ? imported.material : nil, of: room)
        guard slot.keySpec.secretBytes == nil else {
            try #require(material.count == slot.keySpec.secretBytes)
            traces = [Traces(of: material)]
            return
        }
        let numbers = try Self.privateNumbers(pkcs8: material)
        // The private exponent, two primes, and what is computed from them; or the one number of an elliptic curve.
        try #require(numbers.count == (slot.keySpec.family == .rsa ? 6 : 1))
        traces = numbers.map { Traces(of: $0) }
    }

    /// The forms in which any of it was in the memory.
    func found(in memory: MemoryRecord) -> Set<Traces.Form> {
        traces.reduce(into: []) { $0.formUnion($1.found(in: memory)) }
    }

    private static func export(_ key: String, _ material: String?, of room: CeremonyRoom) async throws -> [UInt8] {
        struct Answer: Decodable { let materialHex: String }
        var question = ["action": "export-material", "keyArn": key]
        question["materialId"] = material
        var request = URLRequest(url: try #require(URL(string: room.room.site.endpoint + "/_keyrite/admin")))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try JSONEncoder().encode(question)
        let (body, _) = try await URLSession.shared.data(for: request)
        return try #require(Hex.decode(try JSONDecoder().decode(Answer.self, from: body).materialHex))
    }

    /// The private numbers of a PrivateKeyInfo (RFC 5208): of an RSAPrivateKey (RFC 8017, A.1.2) what follows the public
    /// exponent, of an ECPrivateKey (RFC 5915) its octets.
    private static func privateNumbers(pkcs8: [UInt8]) throws -> [ArraySlice<UInt8>] {
        let info = try elements(of: try #require(try elements(of: pkcs8[...]).first).content)
        let key = try #require(info.first { $0.tag == 0x04 }).content
        let numbers = try elements(of: try #require(try elements(of: key).first).content)
        let octets = numbers.filter { $0.tag == 0x04 }.map(\.content)
        let isRSA = octets.isEmpty
        let secrets = isRSA ? numbers.filter { $0.tag == 0x02 }.map(\.content).dropFirst(3) : octets[...]
        return secrets.map { number in number.drop { $0 == 0 } }
    }

    /// The elements of DER that stand side by side.
    private static func elements(of der: ArraySlice<UInt8>) throws -> [(tag: UInt8, content: ArraySlice<UInt8>)] {
        var rest = der
        var elements: [(tag: UInt8, content: ArraySlice<UInt8>)] = []
        while let tag = rest.popFirst() {
            let first = rest.popFirst()
            var length = Int(try #require(first))
            if length >= 0x80 {
                let octets = length - 0x80
                length = rest.prefix(octets).reduce(0) { $0 << 8 | Int($1) }
                rest = rest.dropFirst(octets)
            }
            try #require(length <= rest.count)
            elements.append((tag, rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return elements
    }
}
