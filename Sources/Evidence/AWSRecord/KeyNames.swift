/// The keys and aliases of a ceremony, by all that AWS's events call them.
package struct KeyNames: Sendable {
    private let account: String
    private let region: String
    /// ARNs, by ARN and by key id.
    private var keys: [String: String] = [:]
    /// Alias names, by name and by ARN.
    private var aliases: [String: String] = [:]

    /// - Parameters:
    ///   - calls: Those of the ceremony.
    ///   - aws: Where it was held.
    package init(of calls: CeremonyCalls, in aws: AWSEnvironment) {
        (account, region) = (aws.account, aws.region)
        for key in calls.keys {
            keys[key] = key
            if let id = key.split(separator: "/").last { keys[String(id)] = key }
        }
        for alias in calls.aliases {
            aliases[alias] = alias
            aliases["arn:\(aws.partition):kms:\(region):\(account):\(alias)"] = alias
        }
    }

    /// The ceremony's keys, by ARN, that an event names.
    package func keys(in event: AWSEvent) -> Set<String> {
        Set(
            event.subjects.compactMap { subject in
                let id = subject.split(separator: "/").last.map(String.init) ?? subject
                guard let key = keys[subject] ?? multiRegionKey(id) else { return nil }
                // A key id by itself says nothing of where; a multi-Region key is the same everywhere.
                return subject == key || id.hasPrefix("mrk-") || isHere(event) ? key : nil
            })
    }

    /// The ceremony's aliases that an event names.
    package func aliases(in event: AWSEvent) -> Set<String> {
        isHere(event) ? Set(event.subjects.compactMap { aliases[$0] }) : []
    }

    /// A replica has another ARN, and the same id and material.
    private func multiRegionKey(_ id: String) -> String? { id.hasPrefix("mrk-") ? keys[id] : nil }

    private func isHere(_ event: AWSEvent) -> Bool { event.region == region }
}
