extension KMSClient {
    /// Every material of a key, the first and the pending one included.
    ///
    /// - Throws: `AWSError`; `.unanswered` when the pages have no end.
    package func allKeyMaterials(keyID: String) async throws -> [RotationsListEntry] {
        try await pages(of: ListKeyRotations.name) { marker in
            let page = try await listKeyRotations(
                .init(keyID: keyID, includeKeyMaterial: .allKeyMaterial, marker: marker)
            ).output
            return (page.rotations, page.truncated ?? false, page.nextMarker)
        }
    }

    /// Every alias of a key, or of the account and Region.
    ///
    /// - Parameter keyID: Key id or key ARN; nil for all aliases.
    /// - Throws: `AWSError`; `.unanswered` when the pages have no end.
    package func allAliases(keyID: String? = nil) async throws -> [AliasListEntry] {
        try await pages(of: ListAliases.name) { marker in
            let page = try await listAliases(.init(keyID: keyID, marker: marker)).output
            return (page.aliases, page.truncated ?? false, page.nextMarker)
        }
    }

    /// Turns pages until one says that it is the last. A page may be empty and still not be the last.
    private func pages<Entry>(
        of operation: String, _ turn: (_ marker: String?) async throws -> ([Entry], truncated: Bool, next: String?)
    ) async throws -> [Entry] {
        var all: [Entry] = []
        var seen: Set<String> = []
        var marker: String?
        while true {
            let page = try await turn(marker)
            all += page.0
            guard page.truncated else { return all }
            guard let next = page.next, seen.insert(next).inserted else {
                throw AWSError.unanswered(
                    operation: operation, endpoint: endpoint, reason: "a page that is not the last leads nowhere new")
            }
            marker = next
        }
    }
}
