import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11

/// What a ceremony makes on a token: one secret key, or the two halves of a pair.
struct MadeKey {
    /// The secret key, or the private half.
    let secret: Object
    let publicHalf: Object?
}

/// Keys as ceremonies have them.
extension Session {
    /// Makes a key of a kind. What the token made of the attributes is still to be read back.
    func generate(
        _ keySpec: KeySpec, _ attributes: [AttributeSetting], label: String, id: [UInt8], onToken: Bool = true
    ) throws -> MadeKey {
        let settings = attributes.filter { $0.name != "CKA_TOKEN" }
        let template = try [.label(label), .id(id), Attribute(.token, onToken)] + AttributeNames.template(settings)
        let publicTemplate = KeyTemplates.publicKey(label: label, id: id, onToken: onToken)
        switch try keySpec.generation {
        case .aes256: return MadeKey(secret: try generateAES256(template), publicHalf: nil)
        case .secret(let count):
            return MadeKey(secret: try generateSecret(count: count, template), publicHalf: nil)
        case .pair(let algorithm):
            let pair =
                switch algorithm {
                case .rsa(let bits):
                    try generateRSA(bits: bits, publicTemplate: publicTemplate, privateTemplate: template)
                case .ec(let curve):
                    try generateEC(curve, publicTemplate: publicTemplate, privateTemplate: template)
                }
            return MadeKey(secret: pair.privateKey, publicHalf: pair.publicKey)
        }
    }

    /// Has the token wrap a key to an object that is read back before it is used, and destroyed after.
    ///
    /// - Parameter trusted: The object that the security officer left for this wrap; nil for one of this session.
    func wrap(
        _ key: Object, _ way: WrappingWay, to wrappingKey: RSAPublicKey, trusted: Object? = nil
    ) throws -> [UInt8] {
        let object =
            try trusted
            ?? createWrappingKey(wrappingKey, label: "keyrite/wrapping-key", id: try SecureRandom.bytes(count: 16))
        let result: Result<[UInt8], any Error> = Result {
            let read = try attributes([.modulus, .publicExponent], of: object)
            guard read[.modulus]?.bytes == wrappingKey.modulus, read[.publicExponent]?.bytes == wrappingKey.exponent
            else {
                throw CeremonyError(
                    .state, "The token holds another wrapping key than it was given", remedy: "Have it examined")
            }
            return switch way {
            case .direct: try wrap(key, under: object)
            case .byToken: try wrapRSAAES(key, under: object)
            case .composed: try wrapComposed(key, under: object)
            }
        }
        do {
            try destroy(object)
        } catch {
            // Of two failures the first is the cause.
            _ = try result.get()
            throw error
        }
        return try result.get()
    }

    /// Describes objects, each private key together with its public half.
    ///
    /// A public key without its one private key is listed by itself: it is nothing that a ceremony left.
    func describeKeys(_ objects: [Object]) throws -> [HSMKey] {
        let described = try objects.map { (object: $0, key: try describeKey($0)) }
        func halves(_ ofClass: String, of key: HSMKey) -> [(object: Object, key: HSMKey)] {
            described.filter { $0.key.is(ofClass) && $0.key.label == key.label && $0.key.id == key.id }
        }
        return try described.compactMap { object, key in
            let (publicHalves, privateHalves) = (halves("CKO_PUBLIC_KEY", of: key), halves("CKO_PRIVATE_KEY", of: key))
            guard publicHalves.count == 1, privateHalves.count == 1 else { return key }
            return key.is("CKO_PUBLIC_KEY") ? nil : try describeKey(object, publicHalf: publicHalves[0].object)
        }
    }

    /// Describes a secret key, or a private one with its public half.
    func describeKey(_ object: Object, publicHalf: Object? = nil) throws -> HSMKey {
        let answers = try attributes([.label, .id] + AttributeNames.recorded, of: object)
        return HSMKey(
            label: PercentEncoding.encode(answers[.label]?.text ?? ""),
            id: Hex.encode(answers[.id]?.bytes ?? []),
            attributes: AttributeNames.recorded.map { type in
                AttributeSetting(type.description, AttributeNames.text(of: answers[type] ?? .unavailable, for: type))
            }, publicKey: try publicHalf.map(subjectPublicKeyInfo(of:)))
    }
}

extension HSMKey {
    fileprivate func `is`(_ objectClass: String) -> Bool {
        attributes.contains(AttributeSetting("CKA_CLASS", objectClass))
    }
}
