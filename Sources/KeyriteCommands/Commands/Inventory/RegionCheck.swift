package import AWS
import Ceremony
import Estate
import Foundation
import Glibc
import Room

/// Looks whether there are the Regions that somebody names, before anything is asked there: a name that is misspelt is of no
/// Region, and would read as one in which nothing can be reached.
package struct RegionCheck: Sendable {
    /// AWS's own list.
    package typealias List = @Sendable () async throws -> [String]
    /// Whether a Region's services have an address as seen from here.
    package typealias HasAddress = @Sendable (Region) async -> Bool

    private let list: List
    private let hasAddress: HasAddress

    package init(list: @escaping List, hasAddress: @escaping HasAddress) {
        (self.list, self.hasAddress) = (list, hasAddress)
    }

    /// - Parameter home: The site's own, in which AWS has answered: a list without it is of something else.
    /// - Throws: `CeremonyError` for a Region that there is not.
    package func require(_ named: [Region], besides home: Region) async throws {
        let others = named.filter { $0 != home }
        guard !others.isEmpty else { return }
        if let all = try? await list(), all.contains(home.name) {
            let unknown = others.filter { !all.contains($0.name) }
            guard unknown.isEmpty else { throw Self.none(unknown, of: all) }
            return
        }
        for region in others where await !hasAddress(region) { throw Self.unreachable(region, of: []) }
    }

    /// The site's own Region, in which nothing answers.
    ///
    /// - Throws: `CeremonyError` where it has no address.
    package func requireHome(_ home: Region) async throws {
        guard await !hasAddress(home) else { return }
        throw Self.unreachable(home, of: (try? await list()) ?? [])
    }

    private static func none(_ regions: [Region], of all: [String]) -> CeremonyError {
        let names = regions.map(\.name).joined(separator: ", ")
        return CeremonyError(
            .invalidInput, "There is no such Region: \(names)", remedy: "Name some of these: \(Self.shown(all))")
    }

    private static func unreachable(_ region: Region, of all: [String]) -> CeremonyError {
        let those = all.isEmpty ? "" : ". There are \(shown(all))"
        return CeremonyError(
            .invalidInput, "There is no such Region, or it cannot be reached from here: \(region)",
            remedy: "Check its name, and whether this machine finds AWS's addresses\(those)")
    }

    private static func shown(_ all: [String]) -> String { Printable.text(all.joined(separator: ", "), limit: 2_048) }

    /// Whether a host has an address; true where nobody can tell.
    package static func resolves(_ host: String) async -> Bool {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var found: UnsafeMutablePointer<addrinfo>?
                let status = getaddrinfo(host, nil, nil, &found)
                if let found { freeaddrinfo(found) }
                continuation.resume(returning: status != EAI_NONAME)
            }
        }
    }
}

extension RegionCheck {
    /// What is elsewhere than at AWS has no names of Regions.
    ///
    /// - Parameter share: How much of each quota is taken, in percent; nil for what is usual.
    init(by access: ResolvedAccess, share: Int? = nil) {
        self.init(
            list: {
                let configuration = try access.configuration(for: EnabledRegions.service.name, in: access.region)
                let client = try ServiceClient(
                    EnabledRegions.service, configuration, share: share ?? ServiceClient.share)
                return try await EnabledRegions.all(by: client)
            },
            hasAddress: { region in
                guard let configuration = try? access.configuration(for: KMSWire.service, in: region),
                    let endpoint = configuration.endpoint, !endpoint.isLoopback,
                    configuration.proxy?.proxy(for: endpoint) == nil
                else { return true }
                return await Self.resolves(endpoint.host)
            })
    }
}
