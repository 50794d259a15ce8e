import CryptoPrimitives
import Evidence
import Testing

@Suite("The PGP word list")
struct PGPWordsTests {
    @Test("has two lists of 256 words, and no word twice")
    func lists() {
        #expect(PGPWords.even.count == 256)
        #expect(PGPWords.odd.count == 256)
        #expect(Set((PGPWords.even + PGPWords.odd).map { $0.lowercased() }).count == 512)
        #expect((PGPWords.even + PGPWords.odd).allSatisfy { $0.utf8.allSatisfy(Self.isLetter) })
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    @Test("spells the fingerprint that its authors give as an example")
    func example() throws {
        // https://en.wikipedia.org/wiki/PGP_word_list, after Juola and Zimmermann.
        let bytes = try #require(Hex.decode("e58294f2e9a227486e8b061b31cc528fd7fa3f19"))
        #expect(
            PGPWords.spell(bytes).joined(separator: " ")
                == "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa afflict bravado "
                + "chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless")
    }

    @Test(
        "spells the ends of both lists, and alternates between them",
        arguments: [
            ("0000", "aardvark adroitness"), ("ffff", "Zulu Yucatan"), ("0002", "aardvark aftermath"), ("", ""),
            ("090a", "Algol Apollo"), ("7f80", "lockup intention"),
        ])
    func ends(hex: String, words: String) throws {
        #expect(PGPWords.spell(try #require(Hex.decode(hex))).joined(separator: " ") == words)
    }
}
