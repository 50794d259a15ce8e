import TestSupport

/// The site of a host that reaches AWS, and has no HSM.
enum ConnectedSite {
    static func text(_ url: String, _ folder: TemporaryFolder) -> String {
        """
        schema: keyrite.site/1
        mode: rehearsal
        gap:
          side: connected
          host: office
          key: \(folder.path)/host-key
        aws:
          region: eu-central-1
          endpoint: "\(url)"
        memory: \(folder.path)/memory
        """
    }

    /// - Returns: The file's path.
    static func write(_ url: String, to folder: TemporaryFolder) throws -> String {
        try folder.write(Array(text(url, folder).utf8), to: "site.yaml")
    }
}
