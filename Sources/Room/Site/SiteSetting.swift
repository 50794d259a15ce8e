/// A setting that the site names, or leaves to AWS's own variables and shared files in so many words.
package enum SiteSetting: Hashable, Sendable {
    case named(String)
    /// `from-environment` in the YAML.
    case fromEnvironment

    static let fromEnvironmentText = "from-environment"

    init(_ text: String) {
        self = text == Self.fromEnvironmentText ? .fromEnvironment : .named(text)
    }

    /// Whether the site itself says it.
    var isNamed: Bool { self != .fromEnvironment }

    /// As the YAML has it.
    var text: String {
        switch self {
        case .named(let text): text
        case .fromEnvironment: Self.fromEnvironmentText
        }
    }
}
