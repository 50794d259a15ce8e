import Ceremony
package import Evidence

/// Which host of an air gap a site is for, and who it is there.
package struct GapSetting: Hashable, Sendable {
    static let keys = ["side", "host", "key"]
    /// The most bytes of a host's name: what a certificate's common name takes (RFC 5280, ub-common-name).
    private static let longestHost = 64

    package let side: Side
    /// The host's name in plan and transcript.
    package let host: String
    /// The private key with which the host signs what it hands over, or the `.pub` file of one that an agent holds.
    package let key: String

    package init(side: Side, host: String, key: String) {
        self.side = side
        self.host = host
        self.key = key
    }

    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    init(_ yaml: StrictYAML) throws {
        guard let side = Side(rawValue: try yaml.string("side")) else {
            throw yaml.error("side", "must be hsm or connected", "Correct it")
        }
        let (host, key) = (try yaml.string("host"), try yaml.string("key"))
        guard (1...Self.longestHost).contains(host.utf8.count), host.utf8.allSatisfy(Self.isHostByte) else {
            throw yaml.error(
                "host", "is no name for a host", "Use up to \(Self.longestHost) letters, digits, . _ and -")
        }
        guard key.hasPrefix("/") else { throw yaml.error("key", "is no absolute path", "Write it out from /") }
        self.init(side: side, host: host, key: key)
    }

    /// What the other host has, and this one shall not have.
    func refuseOtherHalf(in site: StrictYAML) throws {
        let others = side == .hsm ? ["aws", "timestamp"] : ["hsm", "signers"]
        for key in others where site.has(key) {
            throw site.error(
                key, "is the other host's: this is the \(side.rawValue) side of an air gap",
                side == .hsm ? "Remove it: nothing here may touch a network" : "Remove it: there is no HSM here")
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The site's `gap` as the YAML that is read.
    var yaml: String { "gap:\n  side: \(side.rawValue)\n  host: \"\(host)\"\n  key: \"\(key)\"\n" }
}
