import Estate
import Evidence
import Testing

@Suite("A new key's policy")
struct NewKeyPolicyTests {
    private static let account = PolicyExamples.account

    private static func statement(_ principal: String, resource: String = "*", effect: String = "Allow") -> String {
        #"{"Effect":"\#(effect)","Principal":{"AWS":"\#(principal)"},"Action":"kms:Put*","Resource":"\#(resource)"}"#
    }

    private static let root = "arn:aws:iam::\(account):root"

    /// Statements, and whether anybody could change them.
    private static let policies: [(statements: [String], canBeMended: Bool)] = [
        ([], false), ([statement(root)], true), ([statement(account)], true),
        ([statement(PolicyExamples.role("admin"))], true), ([statement("444455556666")], false),
        ([statement("AROAEXAMPLEID")], false), ([statement(root), statement("*", effect: "Deny")], false),
        ([statement(root, resource: PolicyExamples.keys + "*")], true),
        // About the key that it was copied from, and no other.
        ([statement(root, resource: PolicyExamples.keys + "1234abcd-12ab-34cd-56ef-000000000004")], false),
        ([#"{"Effect":"Allow","Principal":{"AWS":"\#(root)"},"Action":"kms:Decrypt","Resource":"*"}"#], false),
    ]

    @Test("must let somebody of its own account change it, for KMS takes any", arguments: policies.indices)
    func mended(index: Int) throws {
        let (statements, canBeMended) = Self.policies[index]
        let text = #"{"Version":"2012-10-17", "Statement":[\#(statements.joined(separator: ","))]}"#
        for multiRegion in [false, true] {
            let settings = KeySettings(description: "", multiRegion: multiRegion, policy: text, tags: [])
            let access = PolicyExamples.access(PolicyExamples.mixed)
            guard !statements.isEmpty else {
                #expect(throws: PolicyError.self) { try NewKeyPolicy(of: settings, in: access) }
                continue
            }
            #expect(try NewKeyPolicy(of: settings, in: access).canBeMended == canBeMended)
        }
    }
}
