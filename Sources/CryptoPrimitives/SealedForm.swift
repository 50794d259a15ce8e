/// The one form of what is sealed: CMS AuthEnvelopedData (RFC 5083, 2.1) in DER, AES-256-GCM with a tag of 16 bytes
/// (RFC 5084, 3.2), one recipient whose key comes by RSA-OAEP with SHA-256 throughout (RFC 4055, 4.1), no attributes.
///
/// It is written and read here, not by libcrypto's CMS: that would take every form of CMS off a medium that anybody may
/// have had in hand, and this is all there has to be. `openssl cms -decrypt` opens it.
struct SealedForm: Hashable {
    /// The recipient's IssuerAndSerialNumber, in DER.
    let recipient: [UInt8]
    let encryptedKey: [UInt8]
    let nonce: [UInt8]
    let ciphertext: [UInt8]
    let tag: [UInt8]

    var der: [UInt8] {
        let transport = DER.sequence(
            DER.zero, recipient, Self.oaep, DER.element(DER.octetString, encryptedKey))
        let cipher = DER.sequence(
            Self.aes256GCM, DER.sequence(DER.element(DER.octetString, nonce), Self.tagSize))
        let content = DER.sequence(Self.data, cipher, DER.element(DER.implicit0, ciphertext))
        let enveloped = DER.sequence(
            DER.zero, DER.element(DER.set, transport), content, DER.element(DER.octetString, tag))
        return DER.sequence(Self.authEnvelopedData, DER.element(DER.explicit0, enveloped))
    }

    init(recipient: [UInt8], encryptedKey: [UInt8], nonce: [UInt8], ciphertext: [UInt8], tag: [UInt8]) {
        self.recipient = recipient
        self.encryptedKey = encryptedKey
        self.nonce = nonce
        self.ciphertext = ciphertext
        self.tag = tag
    }

    /// Reads it.
    ///
    /// - Throws: `CryptoError` for bytes that are not exactly this form, or that something follows.
    init(der: [UInt8]) throws {
        // Loosely at first; that writing it again gives the same bytes is what makes it strict.
        guard let form = Self.read(der), form.der == der else {
            throw CryptoError(
                "it is not CMS AuthEnvelopedData in the one form of what is sealed, and nothing more", reasons: [])
        }
        self = form
    }

    private static func read(_ der: [UInt8]) -> SealedForm? {
        var outside = DER(der[...])
        guard var info = outside.enter(DER.sequence), info.element(DER.objectIdentifier) != nil,
            var wrapper = info.enter(DER.explicit0), var enveloped = wrapper.enter(DER.sequence),
            enveloped.element(DER.integer) != nil, var recipients = enveloped.enter(DER.set),
            var transport = recipients.enter(DER.sequence), transport.element(DER.integer) != nil,
            let recipient = transport.element(DER.sequence), transport.element(DER.sequence) != nil,
            let encryptedKey = transport.element(DER.octetString), var content = enveloped.enter(DER.sequence),
            content.element(DER.objectIdentifier) != nil, var cipher = content.enter(DER.sequence),
            cipher.element(DER.objectIdentifier) != nil, var parameters = cipher.enter(DER.sequence),
            let nonce = parameters.element(DER.octetString), let ciphertext = content.element(DER.implicit0),
            let tag = enveloped.element(DER.octetString)
        else { return nil }
        return SealedForm(
            recipient: DER.element(DER.sequence, recipient), encryptedKey: encryptedKey, nonce: nonce,
            ciphertext: ciphertext, tag: tag)
    }

    /// id-ct-authEnvelopedData, 1.2.840.113549.1.9.16.1.23.
    private static let authEnvelopedData: [UInt8] = [
        0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x17,
    ]
    /// id-data, 1.2.840.113549.1.7.1.
    private static let data: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
    /// id-aes256-GCM, 2.16.840.1.101.3.4.1.46.
    private static let aes256GCM: [UInt8] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2E]
    /// GCMParameters' aes-ICVlen.
    private static let tagSize: [UInt8] = [0x02, 0x01, 0x10]

    /// id-sha256, 2.16.840.1.101.3.4.2.1, without parameters (RFC 5754, 2).
    private static let sha256: [UInt8] = [
        0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
    ]
    /// id-RSAES-OAEP, 1.2.840.113549.1.1.7, with SHA-256, MGF1 (1.2.840.113549.1.1.8) with SHA-256, and no label.
    private static let oaep = DER.sequence(
        [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x07],
        DER.sequence(
            DER.element(DER.explicit0, sha256),
            DER.element(
                DER.explicit1,
                DER.sequence([0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08], sha256))))
}

/// As much of DER (X.690) as that form takes: elements one after the other, lengths of up to four bytes.
struct DER {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    static let integer: UInt8 = 0x02
    static let octetString: UInt8 = 0x04
    static let objectIdentifier: UInt8 = 0x06
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    static let implicit0: UInt8 = 0x80
    static let explicit0: UInt8 = 0xA0
    static let explicit1: UInt8 = 0xA1

    static let zero: [UInt8] = [integer, 1, 0]

    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
        let bytes = withUnsafeBytes(of: content.count.bigEndian) { Array($0.drop { $0 == 0 }) }
        return [tag, 0x80 | UInt8(bytes.count)] + bytes + content
    }

    static func sequence(_ elements: [UInt8]...) -> [UInt8] { element(sequence, elements.flatMap(\.self)) }

    /// Takes the next element if it has this tag.
    ///
    /// - Returns: What is in it; nil, with nothing taken, for anything else.
    mutating func element(_ tag: UInt8) -> [UInt8]? {
        var after = rest
        guard after.popFirst() == tag, let first = after.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let size = Int(first & 0x7F)
            guard (1...4).contains(size), after.count >= size else { return nil }
            length = after.prefix(size).reduce(0) { $0 << 8 | Int($1) }
            after = after.dropFirst(size)
        }
        guard after.count >= length else { return nil }
        rest = after.dropFirst(length)
        return Array(after.prefix(length))
    }

    /// The same, to be read on inside.
    mutating func enter(_ tag: UInt8) -> DER? { element(tag).map { DER($0[...]) } }
}
