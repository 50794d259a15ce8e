/// What of an answer about a time stamp (RFC 3161, 2.4.2) its signature does not cover, held to the one form that it may
/// have: a bit that is changed there shows as well.
///
/// CMS (RFC 5652, 5) leaves version numbers, algorithms' names, the signer's name and every certificate unsigned, and has
/// room for more. `scripts/verify.sh` has the same rules.
struct TimeStampForm {
    /// The certificate by which it is signed, DER.
    let signer: [UInt8]
    /// What other certificates came with it.
    let others: [[UInt8]]

    /// - Throws: `CryptoError` saying what is otherwise.
    init(der: [UInt8]) throws {
        let answer = try DERPart.all(in: der[...])
        guard answer.count == 1 else { throw Self.refusal("it is no answer about a time stamp") }
        let parts = try answer[0].parts(0x30, 0x30)
        guard parts[0].whole == Self.granted else {
            throw Self.refusal("its status says more than that it was granted")
        }
        let content = try parts[1].parts(0x06, 0xA0)[1].parts(0x30)[0]
        // Version, digest algorithms, what is signed, certificates, signers; and no revocation lists.
        let signed = try content.parts(0x02, 0x31, 0x30, 0xA0, 0x31)
        // Version, who signs, digest algorithm, signed attributes, algorithm, signature; and no unsigned attributes.
        let info = try signed[4].parts(0x30)[0].parts(0x02, 0x30, 0x30, 0xA0, 0x30, 0x04)
        guard signed[0].whole == [0x02, 1, 3], info[0].whole == [0x02, 1, 1] else {
            throw Self.refusal("the stamp's form is of another version")
        }
        let digest = try Self.digest(info[2])
        guard try Self.digest(try signed[1].parts(0x30)[0]) == digest else {
            throw Self.refusal("it names two digest algorithms")
        }
        let certificates = try signed[3].parts().map { try Certificate($0) }
        let sid = try info[1].parts(0x30, 0x02).map(\.whole)
        let signers = certificates.filter { [$0.issuer, $0.serial] == sid }
        guard let signer = signers.first, signers.count == 1, Set(certificates.map(\.whole)).count == certificates.count
        else { throw Self.refusal("its signer has not exactly one certificate in it, or one is there twice") }
        guard Self.algorithms(signer.keyType, digest).contains(info[4].whole) else {
            throw Self.refusal("its signature algorithm is not that of the signer's key and digest")
        }
        guard try Self.isNamed(signer.whole, in: info[3]) else {
            throw Self.refusal("its signer's certificate is not the one that was signed with it")
        }
        self.signer = Array(signer.whole)
        others = certificates.filter { $0.whole != signer.whole }.map { Array($0.whole) }
    }

    /// PKIStatusInfo with the status 0 and nothing else.
    private static let granted: ArraySlice<UInt8> = [0x30, 3, 0x02, 1, 0]

    fileprivate static func refusal(_ what: String) -> CryptoError { CryptoError(what, reasons: []) }

    /// The last byte of the name of SHA-256, SHA-384 or SHA-512: 1, 2 or 3.
    private static func digest(_ algorithm: DERPart) throws -> UInt8 {
        let parts = try algorithm.parts().map(\.whole)
        guard let name = parts.first, name.dropLast() == [0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2],
            let last = name.last, (1...3).contains(last), parts.count == 1 || parts.dropFirst() == [[0x05, 0]]
        else { throw refusal("its digest algorithm is none of SHA-256, SHA-384 and SHA-512") }
        return last
    }

    /// What a signature by a key of this type over this digest may be called: of RSA by the key, or by both.
    private static func algorithms(_ keyType: ArraySlice<UInt8>, _ digest: UInt8) -> [ArraySlice<UInt8>] {
        switch Array(keyType) {
        case ecKey: [[0x30, 10, 0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 1 + digest]]
        case rsaKey: [1, 10 + digest].map { [0x30, 13] + ArraySlice(rsaKey.dropLast()) + [$0, 0x05, 0] }
        default: []
        }
    }

    private static let ecKey: [UInt8] = [0x06, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1]
    private static let rsaKey: [UInt8] = [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1]

    /// Whether the signed attributes name this certificate by its digest, where they do that with more than SHA-1
    /// (ESSCertIDv2, RFC 5035, 4).
    private static func isNamed(_ certificate: ArraySlice<UInt8>, in attributes: DERPart) throws -> Bool {
        for attribute in try attributes.parts() {
            let parts = try attribute.parts(0x06, 0x31)
            guard parts[0].whole == signingCertificateV2 else { continue }
            let names = try parts[1].parts(0x30)[0].parts().first?.parts().first?.parts()
            let hash = names?.first { $0.tag == 0x04 }.map { Array($0.content) }
            return hash == digest(Array(certificate), size: hash?.count)
        }
        return true
    }

    private static let signingCertificateV2: ArraySlice<UInt8> = [
        0x06, 11, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 2, 47,
    ]

    private static func digest(_ bytes: [UInt8], size: Int?) -> [UInt8] {
        let hash = [SHA2.sha256, .sha384, .sha512].first { $0.size == size } ?? .sha256
        return (try? hash.digest(of: bytes)) ?? []
    }
}

/// What identifies a certificate (RFC 5280, 4.1).
private struct Certificate {
    let whole: ArraySlice<UInt8>
    let serial: ArraySlice<UInt8>
    let issuer: ArraySlice<UInt8>
    /// The name of its key's algorithm.
    let keyType: ArraySlice<UInt8>

    init(_ part: DERPart) throws {
        var fields = try part.parts(0x30, 0x30, 0x03)[0].parts()
        // Its version, which X.509 v1 leaves out.
        if fields.first?.tag == 0xA0 { fields.removeFirst() }
        guard fields.count >= 6, let algorithm = try fields[5].parts(0x30, 0x03)[0].parts().first else {
            throw TimeStampForm.refusal("there is something else than certificates with it")
        }
        (whole, serial, issuer, keyType) = (part.whole, fields[0].whole, fields[2].whole, algorithm.whole)
    }
}

/// One element of DER (X.690), with tags of one byte and lengths of up to four.
private struct DERPart {
    let tag: UInt8
    let whole: ArraySlice<UInt8>
    let content: ArraySlice<UInt8>

    /// All elements, one after the other.
    static func all(in bytes: ArraySlice<UInt8>) throws -> [DERPart] {
        var parts: [DERPart] = []
        var rest = bytes
        while let tag = rest.first {
            guard let content = content(of: rest), tag & 0x1F != 0x1F else {
                throw TimeStampForm.refusal("it is not in DER's one form")
            }
            parts.append(DERPart(tag: tag, whole: rest[..<content.endIndex], content: content))
            rest = rest[content.endIndex...]
        }
        return parts
    }

    private static func content(of bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = bytes.dropFirst()
        guard let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let size = Int(first & 0x7F)
            guard (1...4).contains(size), rest.count >= size else { return nil }
            length = rest.prefix(size).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(size)
        }
        return rest.count >= length ? rest.prefix(length) : nil
    }

    /// What is in it.
    func parts() throws -> [DERPart] { try Self.all(in: content) }

    /// What is in it, which must have exactly these tags.
    func parts(_ tags: UInt8...) throws -> [DERPart] {
        let found = try parts()
        guard found.map(\.tag) == tags else {
            throw TimeStampForm.refusal("it has parts that nobody signed, or lacks some that it must have")
        }
        return found
    }
}
