import AWS
import ArgumentParser
import Ceremony
import Estate
import Evidence
import Foundation
import Room

extension CeremonyRole: ExpressibleByArgument {}

/// Who is who in policies.
struct PolicyPeopleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The ARN of one role: look, create, fetch, import or activate. May be repeated.", valueName: "role=arn"))
    var roleArn: [String] = []
    @Option(
        help: ArgumentHelp(
            "Who may use the key for data: an account, a role, a user; to check, a service. May be repeated. "
                + "Without it: whom the account's own IAM policies let.",
            valueName: "account|arn"))
    var user: [String] = []
    @Flag(help: "They may have AWS's services use the key for them, by grants.")
    var userGrants = false
    @Option(
        help: ArgumentHelp(
            "Who may disable, delete and tag the key, and change its policy. May be repeated.", valueName: "arn"))
    var administrator: [String] = []
    @Option(
        help: ArgumentHelp(
            "Material may be imported only then: 2026-12-01T08:00:00Z/2026-12-01T18:00:00Z.", valueName: "from/until"))
    var window: String?

    func people() throws -> PolicyPeople {
        var people = PolicyPeople()
        for text in roleArn {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let role = CeremonyRole(rawValue: parts[0]) else {
                throw CeremonyError(
                    .invalidInput, "\(Printable.text(text, limit: 100)) names no role's ARN",
                    remedy: "Write --role-arn import=arn:aws:iam::ACCOUNT:role/NAME")
            }
            guard people.roles.updateValue(parts[1], forKey: role) == nil else {
                throw CeremonyError(.invalidInput, "The ARN of \(role.rawValue) is given twice", remedy: "Give it once")
            }
        }
        people.users = user.map { $0.contains(":") || !$0.contains(".") ? .aws($0) : .service($0) }
        people.usersGrant = userGrants
        people.administrators = administrator
        people.window = try window.map(Self.validity)
        return people
    }

    private static func validity(_ text: String) throws -> Validity {
        let times = text.split(separator: "/").map { Evidence.Timestamp(String($0)) }
        guard times.count == 2, let from = times[0], let until = times[1], from < until else {
            throw CeremonyError(
                .invalidInput, "--window is no span of time",
                remedy: "Write it as 2026-12-01T08:00:00Z/2026-12-01T18:00:00Z, in UTC")
        }
        return Validity(from: from, until: until)
    }
}

/// Where an account and a Region are told, for want of a plan that has both.
enum PolicyPlace {
    static func partition(of region: String) throws -> String {
        guard let partition = try Region(region).partition else {
            throw CeremonyError(
                .invalidInput, "The partition of the Region \(region) is not known", remedy: "Check its name")
        }
        return partition.rawValue
    }

    static func require(account: String) throws {
        guard PolicyPrincipal.isAccount(account) else {
            throw CeremonyError(
                .invalidInput, "\(Printable.text(account, limit: 50)) is no account", remedy: "Give its twelve digits")
        }
    }
}

extension CeremonyAccess {
    /// What is frozen in a ceremony's folder.
    init(at folder: String) throws {
        self.init(of: try FrozenCeremony(reading: try CeremonyFolder.open(folder)).plan)
    }

    /// What a definition says before there is a plan: which keys are to be looked at, by what is known of them.
    init(of definition: Definition, account: String, region: String) throws {
        try PolicyPlace.require(account: account)
        let partition = try PolicyPlace.partition(of: region)
        self.init(
            partition: partition, account: account, region: region, wrappingKeySpec: definition.wrapping.keySpec,
            marker: "keyrite/",
            keys: definition.keys.map { AccessedKey(of: $0, at: "arn:\(partition):kms:\(region):\(account):key/") },
            isPlanned: false)
    }
}

extension AccessedKey {
    /// - Parameter prefix: Of the ARNs of the account's keys in the Region.
    fileprivate init(of key: DefinedKey, at prefix: String) {
        let name = key.key.map { Name.arn($0.hasPrefix("arn:") ? $0 : prefix + $0) } ?? .alias
        switch key.strategy {
        case .import: self.init(name, .first, alias: key.alias, kind: nil)
        case .rotate: self.init(name, .rotated, alias: key.alias, kind: Kind(.symmetric, .encryptDecrypt))
        case .reimport: self.init(name, .again, alias: key.alias, kind: Kind(.symmetric, .encryptDecrypt))
        case .revoke: self.init(name, .revoked, alias: key.alias, kind: Kind(.symmetric, .encryptDecrypt))
        case .replace: self.init(name, .old, alias: key.alias, kind: nil)
        }
    }
}

extension AccessedKey {
    /// - Parameter name: An alias or an ARN; nil for any.
    func isNamed(_ name: String?) -> Bool { name.map { arn == $0 || alias == $0 } ?? true }
}
