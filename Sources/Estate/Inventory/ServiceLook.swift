package import AWS

/// A look at one service in one place: what it says, and what it does not.
package struct ServiceLook: Sendable {
    package let place: InventoryPlace
    /// Whether what lies in other Regions is asked for, too, where this one tells of it.
    let looksElsewhere: Bool
    private let service: String
    private let caller: any ServiceCaller
    /// Gets what was found, some at a time.
    private let keep: Keep
    private var references: [FoundReference] = []
    private(set) var gaps: [InventoryGap] = []

    /// Takes what was found, so that memory does not grow with it.
    package typealias Keep = @Sendable ([FoundReference]) throws -> Void

    /// Calls that a look has under way at a time.
    private static let width = 16
    /// References that are held before they are kept.
    private static let most = 256

    /// - Parameter keep: Gets what is found, some at a time; what is left when all was read, `finish` hands over.
    package init(
        at service: String, in place: InventoryPlace, by caller: any ServiceCaller, looksElsewhere: Bool = true,
        keep: @escaping Keep = { _ in }
    ) {
        self.looksElsewhere = looksElsewhere
        self.keep = keep
        self.service = service
        self.place = place
        self.caller = caller
    }

    mutating func add(_ reference: FoundReference) { references.append(reference) }

    /// One setting of one resource; nothing where it is not set.
    mutating func add(_ type: String, _ resource: String, _ setting: String, _ key: String?) {
        guard let key, !key.isEmpty else { return }
        add(FoundReference(type: type, resource: resource, setting: setting, names: key))
    }

    /// Looks at each of some things, several at a time.
    ///
    /// - Parameter body: Gets each with a look of its own, of which all that it finds is added to this one.
    /// - Returns: What came of each, in their order.
    @discardableResult
    mutating func each<Entry: Sendable, Output: Sendable>(
        _ entries: [Entry], _ body: @escaping @Sendable (Entry, inout ServiceLook) async throws -> Output
    ) async throws -> [Output] {
        let empty = ServiceLook(at: service, in: place, by: caller, looksElsewhere: looksElsewhere)
        let found = try await SideBySide.map(entries, width: Self.width) { entry in
            var look = empty
            let output = try await body(entry, &look)
            return (output: output, references: look.references, gaps: look.gaps)
        }
        for one in found { try take(one.references, one.gaps) }
        return found.map(\.output)
    }

    /// Looks at each of what a listing has, up to where it could not be read: several at a time, and while it is read on.
    ///
    /// - Parameter body: Gets each with a look of its own, of which all that it finds is added to this one.
    mutating func each<Page, Entry: Sendable>(
        of listing: Listing<Page, Entry>, _ body: @escaping @Sendable (Entry, inout ServiceLook) async throws -> Void
    ) async throws {
        let empty = ServiceLook(at: service, in: place, by: caller, looksElsewhere: looksElsewhere)
        let caller = caller
        try await withThrowingTaskGroup(of: (references: [FoundReference], gaps: [InventoryGap]).self) { group in
            var running = 0
            do {
                try await caller.eachPage(of: listing) { entries in
                    for entry in entries {
                        if running >= Self.width, let done = try await group.next() {
                            running -= 1
                            try take(done.references, done.gaps)
                        }
                        group.addTask {
                            var look = empty
                            try await body(entry, &look)
                            return (look.references, look.gaps)
                        }
                        running += 1
                    }
                }
            } catch let error as AWSError { gaps.append(gap(error, listing.call.operation, nil)) }
            while let done = try await group.next() { try take(done.references, done.gaps) }
        }
    }

    /// Takes what a listing says of each, up to where it could not be read.
    mutating func take<Page, Entry>(
        from listing: Listing<Page, Entry>, _ body: (Entry, inout ServiceLook) -> Void
    ) async throws {
        let caller = caller
        do {
            try await caller.eachPage(of: listing) { entries in
                for entry in entries { body(entry, &self) }
                try keepMany()
            }
        } catch let error as AWSError { gaps.append(gap(error, listing.call.operation, nil)) }
    }

    /// Hands over what is left.
    mutating func finish() throws {
        try keep(references)
        references = []
    }

    private mutating func take(_ references: [FoundReference], _ gaps: [InventoryGap]) throws {
        self.references += references
        self.gaps += gaps
        try keepMany()
    }

    private mutating func keepMany() throws {
        if references.count >= Self.most { try finish() }
    }

    /// What a listing has, up to where it could not be read.
    ///
    /// - Returns: The entries, and whether they are all.
    mutating func list<Output, Entry>(
        _ listing: Listing<Output, Entry>, of resource: String? = nil
    ) async throws -> (entries: [Entry], isWhole: Bool) {
        var all: [Entry] = []
        do {
            try await caller.eachPage(of: listing) { all += $0 }
            return (all, true)
        } catch let error as AWSError {
            gaps.append(gap(error, listing.call.operation, resource))
            return (all, false)
        }
    }

    /// What a service says of a resource; nil where that could not be read.
    ///
    /// - Parameter accepting: Codes that say that there is nothing to be told.
    mutating func ask<Output>(
        _ call: ServiceCall<Output>, of resource: String, accepting: Set<String> = []
    ) async throws -> Output? {
        do {
            return try await caller.answer(to: call)
        } catch let error as AWSError {
            if let code = error.code?.rawValue, accepting.contains(code) { return nil }
            gaps.append(gap(error, call.operation, resource))
            return nil
        }
    }

    /// The same, which is not asked again once the service did not know the operation, or failed at it again and again.
    mutating func ask<Output>(
        _ call: ServiceCall<Output>, of resource: String, sparing ignorance: Ignorance
    ) async throws -> Output? {
        if let error = ignorance.error {
            gaps.append(gap(error, call.operation, resource))
            return nil
        }
        do {
            let answer = try await caller.answer(to: call)
            ignorance.takeAnswer()
            return answer
        } catch let error as AWSError {
            ignorance.take(error)
            gaps.append(gap(error, call.operation, resource))
            return nil
        }
    }

    /// Puts down that an answer about a resource, or some of it, cannot be read.
    mutating func refuse(_ operation: String, of resource: String, _ reason: String) {
        gaps.append(
            InventoryGap(
                service: service, account: place.account, region: place.region, operation: operation,
                resource: OutsideText(resource), reason: .unusable, code: nil, message: OutsideText(reason)))
    }

    private func gap(_ error: AWSError, _ operation: String, _ resource: String?) -> InventoryGap {
        InventoryGap(error, operation, of: resource, service, in: place)
    }
}
