extension LookedUpEvent {
    /// The most bytes of an event's text, which is CloudTrail's own limit.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
    package static let longestText = 256 << 10
    /// More than any name, id or ARN of AWS has bytes.
    private static let longestName = 4096
    /// More than any call is about.
    private static let mostResources = 1000
    /// 9999-12-31T23:59:59Z.
    private static let latest = 253_402_300_799.0

    /// What in an event is beyond what AWS says of events, such as `an event text of 300000 bytes`; nil if nothing is.
    var excess: String? {
        if text.utf8.count > Self.longestText { return "an event text of \(text.utf8.count) bytes" }
        if text.isEmpty { return "an event without its text" }
        if id.isEmpty || name.isEmpty || source.isEmpty { return "an event without id, name or source" }
        guard (0...Self.latest).contains(time.secondsSinceEpoch) else { return "an event at no time there is" }
        if let readOnly, !["true", "false"].contains(readOnly) { return "an event whose ReadOnly says neither" }
        let resources = resources ?? []
        guard resources.count <= Self.mostResources else { return "an event about \(resources.count) resources" }
        let names = [id, name, source, accessKeyID ?? "", username ?? ""]
        let about = resources.map { $0.type ?? "" } + resources.map { $0.name ?? "" }
        guard (names + about).allSatisfy({ $0.utf8.count <= Self.longestName }) else {
            return "an event with a name of more than \(Self.longestName) bytes"
        }
        return nil
    }
}
