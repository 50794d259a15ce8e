import PKCS11
import Testing

@Suite("What a token answers comes with what to do")
struct RemedyTests {
    /// Those that the standard lets the calls of a ceremony answer, and that are a person's to mend (PKCS#11 2.40, 5.1).
    private static let codes: [UInt] = [
        0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x10, 0x12, 0x13, 0x1B, 0x30, 0x31, 0x32, 0x50, 0x54, 0x60, 0x62, 0x68,
        0x69,
        0x6A, 0x70, 0x71, 0x82, 0x90, 0x91, 0xA0, 0xA2, 0xA3, 0xA4, 0xB0, 0xB1, 0xB3, 0xB5, 0xB6, 0xB7, 0xB8, 0xD0,
        0xD1,
        0xE0, 0xE1, 0xE2, 0x100, 0x101, 0x102, 0x104, 0x113, 0x114, 0x115, 0x121, 0x140, 0x190, 0x200,
    ]

    @Test("whichever of its codes it is")
    func everyCode() {
        for code in Self.codes {
            let error = PKCS11Error("C_WrapKey", .returned(ReturnValue(rawValue: code)), at: "a token")
            #expect(error.returnValue?.name.hasPrefix("CKR_") == true, "\(String(code, radix: 16))")
            #expect(!error.remedy.isEmpty && error.remedy.hasSuffix("."), "\(error)")
        }
    }
}
