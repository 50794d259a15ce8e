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

    /// Every key of the account and Region.
    ///
    /// - Throws: `AWSError`; `.unanswered` when the pages have no end.
    package func allKeys() async throws -> [KeyListEntry] {
        try await pages(of: ListKeys.name) { marker in
            let page = try await call(ListKeys.self, .init(limit: 1000, marker: marker)).output
            return (page.keys, page.truncated ?? false, page.nextMarker)
        }
    }

    /// Every tag of a key.
    ///
    /// - Throws: `AWSError`; `.unanswered` when the pages have no end.
    package func allTags(keyID: String) async throws -> [Tag] {
        try await pages(of: ListResourceTags.name) { marker in
            let page = try await call(ListResourceTags.self, .init(keyID: keyID, marker: marker)).output
            return (page.tags, page.truncated ?? false, page.nextMarker)
        }
    }

    /// Every grant of a key.
    ///
    /// - Throws: `AWSError`; `.unanswered` when the pages have no end.
    package func allGrants(keyID: String) async throws -> [GrantListEntry] {
        try await pages(of: ListGrants.name) { marker in
            let page = try await call(ListGrants.self, .init(keyID: keyID, marker: marker)).output
            return (page.grants, page.truncated ?? false, page.nextMarker)
        }
    }

    private func pages<Entry>(
        of operation: String, _ turn: (_ marker: String?) async throws -> ([Entry], truncated: Bool, next: String?)
    ) async throws -> [Entry] {
        var all: [Entry] = []
        try await Pages.each(
            of: operation, at: endpoint,
            { marker in
                let page = try await turn(marker)
                return (page.0, page.truncated ? .next(page.next ?? "") : .last)
            }, { all += $0 })
        return all
    }
}
