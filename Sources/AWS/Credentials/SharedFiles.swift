/// AWS's two shared files, put together as botocore does.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
struct SharedFiles: Sendable {
    /// Profiles of both files; where both have a setting, the credentials file's holds.
    let profiles: [String: INIFile.Settings]
    /// Profiles as the config file alone has them.
    let configProfiles: [String: INIFile.Settings]
    /// Profiles as the credentials file alone has them.
    let credentialsProfiles: [String: INIFile.Settings]
    /// The config file's `[services NAME]` sections.
    let services: [String: INIFile.Settings]

    /// The paths that were chosen, by the variable that says them to other programs.
    private let paths: [(variable: String, path: String)]

    /// - Parameters:
    ///   - config: nil where it does not exist, like the other.
    ///   - paths: Those that were chosen in so many words.
    init(config: INIFile?, credentials: INIFile?, paths: [(variable: String, path: String)] = []) {
        self.paths = paths
        var configProfiles: [String: INIFile.Settings] = [:]
        var services: [String: INIFile.Settings] = [:]
        for section in config?.sections ?? [] {
            if section.name == Self.defaultProfile {
                configProfiles[section.name] = section.settings
            } else if section.name.hasPrefix("profile"), let name = Self.nameInside(section.name) {
                configProfiles[name] = section.settings
            } else if section.name.hasPrefix("services"), let name = Self.nameInside(section.name) {
                services[name] = section.settings
            }
        }
        // A section of the credentials file is named as the profile is, without a word before it.
        let credentialsProfiles = Dictionary(
            (credentials?.sections ?? []).map { ($0.name, $0.settings) }, uniquingKeysWith: { _, last in last })
        self.configProfiles = configProfiles
        self.credentialsProfiles = credentialsProfiles
        self.services = services
        profiles = configProfiles.merging(credentialsProfiles) { $0.merging($1) { _, credentials in credentials } }
    }

    static let defaultProfile = "default"

    /// The names of profiles that there are, some of many, for whoever named none of them.
    var others: String {
        guard !profiles.isEmpty else { return "" }
        let names = profiles.keys.sorted().prefix(Self.mostNames).map { "\"\(Printable.text($0, limit: 128))\"" }
        let more = profiles.count > names.count ? " and \(profiles.count - names.count) more" : ""
        return "; there \(profiles.count == 1 ? "is" : "are") \(names.joined(separator: ", "))\(more)"
    }

    private static let mostNames = 10

    /// A command that reads the same files as this: no shell, but env(1) sets what says where they are.
    func command(_ words: [String]) -> [String] {
        guard !paths.isEmpty else { return words }
        return ["/usr/bin/env"] + paths.map { "\($0.variable)=\($0.path)" } + words
    }

    /// `profile "my name"` names `my name`; a section of one word, or of three, names nothing.
    private static func nameInside(_ section: String) -> String? {
        guard let words = try? ShellWords.split(section), words.count == 2 else { return nil }
        return words[1]
    }
}
