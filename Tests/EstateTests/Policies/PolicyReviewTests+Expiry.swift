import Estate
import Evidence
import Testing

extension PolicyReviewTests {
    private static let expires = "\"kms:ExpirationModel\":\"KEY_MATERIAL_EXPIRES\""

    /// What the statement of the role that imports asks for, and which other expiries it lets pass.
    private static let importing: [(conditions: String, words: [String])] = [
        ("", ["never", "another time"]),
        ("\"StringEquals\":{\(expires)}", ["another time, such as 2027-03-05T00:07:08Z"]),
        (
            "\"StringEquals\":{\(expires)},\"NumericLessThanEquals\":{\"kms:ValidTo\":\"1804205229.0\"}",
            ["such as 2027-03-05T00:07:08Z"]
        ),
        (
            "\"StringEquals\":{\(expires)},\"NumericGreaterThanEquals\":{\"kms:ValidTo\":\"1804205229\"}",
            ["such as 2027-03-05T00:07:10Z"]
        ),
        (
            "\"StringEquals\":{\(expires)},\"NumericEquals\":{\"kms:ValidTo\":[\"1804205229.0\",\"1805000000.0\"]}",
            ["such as 2027-03-14T04:53:20Z"]
        ),
        ("\"NumericEquals\":{\"kms:ValidTo\":\"1804205229.0\"}", []),
        ("\"NumericEqualsIfExists\":{\"kms:ValidTo\":\"1804205229.0\"}", ["expires never, and"]),
        ("\"StringEquals\":{\"kms:ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\"}", ["expires never, and"]),
        ("\"StringEquals\":{\(expires)},\"NumericEquals\":{\"kms:ValidTo\":\"1804205229.0\"}", []),
        ("\"StringEquals\":{\(expires)},\"DateEquals\":{\"kms:ValidTo\":\"2027-03-05T00:07:09Z\"}", []),
    ]

    @Test("finds that who imports again can have the material expire otherwise than the plan says, and how")
    func otherExpiry() throws {
        let key = AccessedKey(
            .arn(PolicyExamples.keys + "a"), .again, alias: "alias/a", kind: .init(.symmetric, .encryptDecrypt),
            expiry: .at(try #require(Timestamp("2027-03-05T00:07:09Z"))))
        let access = PolicyExamples.access([key])
        let printed = try KeyPolicyPrint(key, of: access).policy().statements
        func found(_ statements: [PolicyStatement]) -> [PolicyFinding] {
            PolicyReview(
                PolicyDocument(statements), grants: [], against: PolicyIntent(of: key, in: access, keyARN: key.arn)
            ).report().findings
        }
        #expect(found(printed) == [])
        for (conditions, words) in Self.importing {
            let statement = Self.statement(
                Self.principal(PolicyExamples.role("import")), "\"kms:ImportKeyMaterial\"",
                conditions.isEmpty ? "" : ",\"Condition\":{\(conditions)}")
            let added = try PolicyDocument(Array("{\"Statement\":[\(statement)]}".utf8), .key).statements
            let findings = found(printed.filter { $0.sid != "Import" } + added)
            #expect(findings.map(\.kind) == (words.isEmpty ? [] : [.condition]), "\(conditions): \(findings)")
            for word in words {
                #expect(findings.first?.words.contains(word) == true, "\(conditions): \(findings)")
                #expect(findings.first?.remedy.contains("kms:ValidTo: 1804205229.0") == true)
            }
        }
    }
}
