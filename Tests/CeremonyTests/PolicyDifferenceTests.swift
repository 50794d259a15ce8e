import Ceremony
import CryptoPrimitives
import Evidence
import Testing

@Suite("What people are shown of two key policies that differ")
struct PolicyDifferenceTests {
    @Test(
        "every line that is not where the other policy has it is shown, with its number",
        arguments: [
            ("a|b", "a|b", "", ""),
            // What is allowed and what is denied change places.
            ("Allow|x|Deny|y", "Deny|x|Allow|y", "2: x|3: Deny", "1: Deny|2: x"),
            // One more statement, made of lines that are there already.
            ("{|Allow|}|{|Allow|}", "{|Allow|}", "4: {|5: Allow|6: }", ""),
            ("a|b|c|d|e", "a|B|c|D|e", "2: b|4: d", "2: B|4: D"), ("a", "", "1: a", "1: "), ("", "|", "", "2: "),
            ("x|a|b", "a|b|x", "1: x", "3: x"),
        ])
    func lines(planned: String, observed: String, left: String, right: String) {
        func encoded(_ lines: String) -> String { lines.replacing("|", with: "%0A") }
        let found = LineDifference(planned: encoded(planned), observed: encoded(observed))
        #expect(found.planned == encoded(left))
        #expect(found.observed == encoded(right))
    }

    /// Policies and what they are replaced with: the cases above, some of few lines in any order, and one of more pairs of
    /// lines than are compared.
    private static let pairs: [(new: String, old: String)] = {
        var state: UInt64 = 42
        func lines() -> String {
            (0...6).map { _ -> String in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return ["{", "}", "Allow", "Deny \u{FC}%"][Int(state >> 33) % 4]
            }.joined(separator: "\n")
        }
        func long(_ word: String) -> String { (0..<120).map { "\(word) \($0 % 7)" }.joined(separator: "\n") }
        return [("Allow\nx\nDeny", "Deny\nx\nAllow"), ("{\n}\n{\n}", "{\n}"), ("a", "\n"), ("\n", "\n\n")]
            + (0..<8).map { _ in (lines(), lines()) } + [("a\n" + long("b") + "\nz", "a\n" + long("c") + "\nz")]
    }()

    @Test("both verifiers make the same of them, and of none nothing")
    func bothVerifiers() async throws {
        let pairs = Self.pairs
        let keys = pairs.indices.map { index in
            DefinedKey(
                alias: "alias/key\(index)", strategy: .replace, proof: false,
                changes: KeyChanges(policy: pairs[index].new, description: nil, tags: nil))
        }
        let definition = Definition(
            title: "A test", windowHours: 1, wrapping: Wrapping(keySpec: "RSA_2048"), keys: keys)
        let room = try await TestRoom.ready(definition) { kms in
            for (index, pair) in pairs.enumerated() {
                let old = FakeKMS.key + "-old-\(index)"
                kms.aliases["alias/key\(index)"] = old
                kms.others[old] = FakeKey(
                    settings: KeySettings(description: "", multiRegion: false, policy: pair.old, tags: []),
                    materials: [KMSMaterial(id: "o", state: .current, description: nil, onDemand: false)])
            }
        }
        try await room.advance(to: .authorize)
        try await room.expectBothSay("NOT CLOSED")
        let shown = try await room.record().plan.differences
        for (index, pair) in pairs.enumerated() {
            let lines = shown.filter { $0.slot == "key\(index)" && $0.what == "lines of the key policy" }
            #expect(lines.count == (pair.new == pair.old ? 0 : 1), "\(pair)")
        }
    }
}
