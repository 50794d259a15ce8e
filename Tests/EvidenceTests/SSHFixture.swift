import CryptoPrimitives
import Evidence
import Foundation

/// SSH wire format as the tests write it, apart from the code under test.
enum Wire {
    static func string(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let count = bytes.count
        return [UInt8(count >> 24 & 255), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)] + bytes
    }

    static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }

    static func armor(_ blob: [UInt8]) -> [UInt8] {
        let base64 = Data(blob).base64EncodedString()
        var text = "-----BEGIN SSH SIGNATURE-----\n"
        for (index, character) in base64.enumerated() {
            text.append(character)
            if index % 70 == 69 { text.append("\n") }
        }
        return Array((text + (text.hasSuffix("\n") ? "" : "\n") + "-----END SSH SIGNATURE-----\n").utf8)
    }
}

/// Signatures by a key that was thrown away, searched for the shapes of r and s that an SSH number must mind.
enum Fixture {
    static let message = Array("a fixed message".utf8)
    static let namespace = "keyrite.gate.v1.rehearsal"
    static let point = bytes(
        "04aa271e38f573ad4881ecb0647e9646bd92775cfb1363ab3afebcfffb26bd8f74"
            + "8c914d745a031aa100942a6f37d4409eb28ca421bc6025e8c65e9fb9740a96a3")
    static let p256Line =
        "ecdsa-sha2-nistp256 "
        + Data(Wire.string("ecdsa-sha2-nistp256") + Wire.string("nistp256") + Wire.string(point))
        .base64EncodedString()

    /// r ‖ s over `message`, each with what is particular about it.
    static let shapes = [
        (
            "r and s with their first bit set",
            "899625dc9da046f6bd1264221bb572793b9238af4c055b61e0a0a5962a625a7b"
                + "939165876ab74ffa0669c89d1ca72d5ac18bd87d0fdda1b031ccabbc08000575"
        ),
        (
            "r without its first bit",
            "43ebac36945ca5d22f75703ce3935a70247b2c594f0428f6d8f4f895347c8ea7"
                + "cb426ba06420936d42b29ff6b1a2c1b0db5cb4ec21f0ae8c23930394cec887bd"
        ),
        (
            "r with a zero byte, then a bit",
            "00ca91801f445007697c3bed81136743d78d3096185dd783fbab09811d4803cd"
                + "d50f1e50ac0a968e253cc35a43138edc8ee1b5b74483ef41ea4726366c2c1735"
        ),
        (
            "r with a zero byte, then none",
            "004f41fb91d304d599af806d1d41026f3916724fa281734061d6bf650f9e18b5"
                + "ba0d365a93b2c1cec27170c9133511e78c4677459edfa6720c49d0f47316fec9"
        ),
        (
            "r with two zero bytes, then a bit",
            "0000aba4b12eaf02e82c2bb649b15d896558609ae87c8313f65f68e66fbd1d79"
                + "067c76cf37f5d254d191f5801e12d09cba40de310489467a6d6064d9f340414e"
        ),
        (
            "r with two zero bytes, then none",
            "00006a5aa9dbfab10ed49f9e0f38ff9de90a6d8c849da54332a9b54de152cab1"
                + "747cd901dbd2d5bd9773241aafbc05498c7e5834e8c69c6d78ad776c0e0ed412"
        ),
        (
            "r and s without their first bit",
            "2b117ed5a25bd350a4a7b1cdbb84492668dd0b774a61f4ce4dad6bc6f3496132"
                + "6b33f80a2e07dd732b44ac4b9cc8d66d50dd70fa9730c6fac1a751659ac775f3"
        ),
        (
            "s with a zero byte, then a bit",
            "7d202dd665a8972df9b9cd75e27175e98b748bb299082ec25ad7391327560b42"
                + "008bc30c7553a29e168d63bc39dd0ba970ac3f34a9015f8b0bc8664ab37d05da"
        ),
        (
            "s with a zero byte, then none",
            "6dd93d8c005a7899616bebe75a536e5d54be2590d12a9bbd74dfca49d0390772"
                + "007ff3b6b8e3b1e0eaf554ba539ae0f35c3db1f801717b1c4fa5926788a86ac6"
        ),
        (
            "s with two zero bytes, then a bit",
            "630ac86b9ff39cf7ed22b110321c45814c8c1b347ed8d4971d09c554b7caf708"
                + "0000c8251dfcdbd29ea98f7d53793eb3e995daae2a12ad64d3f47d4be36b5d31"
        ),
        (
            "s with two zero bytes, then none",
            "cb402f86409f1e20cdf3a9292b61b29a612623594c4989fa716e83236bcec8e7"
                + "00004a487e1bfeb64a598b8744fee09a02a2e78d6f8114c4393968828fa0e36e"
        ),
    ]

    static func bytes(_ hex: String) -> [UInt8] { Hex.decode(hex) ?? [] }

    /// The order of P-256.
    static let order = bytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")

    /// n − s, big-endian.
    static func negated(_ s: [UInt8]) -> [UInt8] {
        var borrow = 0
        var result = [UInt8](repeating: 0, count: 32)
        for index in (0..<32).reversed() {
            let difference = Int(order[index]) - Int(s[index]) - borrow
            borrow = difference < 0 ? 1 : 0
            result[index] = UInt8(difference & 255)
        }
        return result
    }
}
