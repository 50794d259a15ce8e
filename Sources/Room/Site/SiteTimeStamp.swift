package import AWS
import Ceremony
import Evidence

/// The authority that stamps closed ceremonies, as the site names it.
package struct SiteTimeStamp: Hashable, Sendable {
    static let keys = ["url", "caFile"]

    /// The URL as the site has it.
    private let text: String
    package let url: TimeStampURL
    /// A PEM file of CA certificates to which each answer is held; nil to take any answer.
    package let caFile: String?

    /// - Throws: `AWSError.configuration` for a URL that is none.
    package init(url text: String, caFile: String?) throws {
        self.text = text
        url = try TimeStampURL(text)
        self.caFile = caFile
    }

    /// - Throws: `CeremonyError` with file, line and path of what is wrong, which in a rehearsal is an authority that others
    ///   could be asked by.
    init(_ yaml: StrictYAML, _ mode: Mode) throws {
        let text = try yaml.string("url")
        do { try self.init(url: text, caFile: try yaml.optionalString("caFile")) } catch let error as AWSError {
            throw yaml.error("url", "is wrong: \(error)", "Correct it")
        }
        guard mode == .live || url.isLoopback else {
            throw yaml.error(
                "url", "is \(url), and a rehearsal never asks anybody off this machine",
                "Point it at an authority on this machine, or remove it")
        }
    }

    /// The site's `timestamp` as the YAML that is read.
    var yaml: String {
        "timestamp:\n  url: \"\(text)\"\n" + (caFile.map { "  caFile: \"\($0)\"\n" } ?? "")
    }
}
