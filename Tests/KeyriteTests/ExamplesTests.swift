import Ceremony
import Evidence
import Foundation
import Room
import Testing

@Suite("The examples in ceremony/ are what the program reads")
struct ExamplesTests {
    private static func example(_ name: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("ceremony/\(name)"), encoding: .utf8)
    }

    @Test("The definition of a rotation is valid")
    func definition() throws {
        let definition = try Definition(yaml: try Self.example("rotate.yaml"), file: "rotate.yaml")
        #expect(definition.keys == [DefinedKey(alias: "alias/payments-production", strategy: .rotate, proof: true)])
        #expect(definition.wrapping == Wrapping(keySpec: "RSA_4096"))
    }

    @Test("The site of a rehearsal is valid, and is written back as it was read")
    func site() throws {
        let site = try Site(yaml: try Self.example("site-rehearsal.yaml"), file: "site-rehearsal.yaml")
        #expect(site.mode == .rehearsal)
        #expect(site.signers.keys.sorted() == ["ada", "ben", "carol", "dan", "wendy"])
        #expect(try Site(yaml: site.yaml, file: "written") == site)
    }
}
