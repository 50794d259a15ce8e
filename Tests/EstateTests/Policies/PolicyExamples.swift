import Estate
import Evidence

/// A ceremony of every strategy, as policies see it, and who is who there.
enum PolicyExamples {
    static let account = "111122223333"
    static let keys = "arn:aws:kms:eu-central-1:\(account):key/"

    static func role(_ name: String) -> String { "arn:aws:iam::\(account):role/keyrite/\(name)" }

    static var people: PolicyPeople {
        var people = PolicyPeople()
        for role in CeremonyRole.allCases { people.roles[role] = self.role(role.rawValue) }
        return people
    }

    static func access(_ keys: [AccessedKey], isPlanned: Bool = true) -> CeremonyAccess {
        var access = CeremonyAccess(
            partition: "aws", account: account, region: "eu-central-1", wrappingKeySpec: "RSA_4096",
            marker: "keyrite/2026-11-26-0a1b2c3d/", keys: keys, isPlanned: isPlanned)
        access.people = people
        return access
    }

    static func rotated(_ number: Int = 1) -> AccessedKey {
        AccessedKey(
            .arn(keys + uuid(number)), .rotated, alias: "alias/payments-production-\(number)",
            kind: .init(.symmetric, .encryptDecrypt))
    }

    static let mixed = [
        rotated(),
        AccessedKey(
            .arn(keys + uuid(2)), .first, alias: "alias/sign", createsAlias: true, kind: .init(.p256, .signVerify)),
        AccessedKey(.arn(keys + uuid(3)), .first, alias: nil, kind: .init(.symmetric, .encryptDecrypt)),
        AccessedKey(.marker, .new, alias: "alias/mac", kind: .init(.hmac256, .generateVerifyMAC, multiRegion: true)),
        AccessedKey(.arn(keys + uuid(4)), .old, alias: "alias/mac", kind: .init(.hmac256, .generateVerifyMAC)),
    ]

    private static func uuid(_ number: Int) -> String {
        let digits = String(number)
        return "1234abcd-12ab-34cd-56ef-" + String(repeating: "0", count: 12 - digits.count) + digits
    }
}
