import AWS
import Ceremony
import CryptoPrimitives
package import Evidence
import Foundation

/// Gets a closed ceremony its time stamp. The caller holds the folder's lock.
package struct TimeStamping: Sendable {
    /// A stamp that is in the folder.
    package struct Stamped: Hashable, Sendable {
        /// When the authority says it saw the ceremony's end.
        package let time: Evidence.Timestamp
        /// Whether it was there before.
        package let isOld: Bool
        /// Whether its signature was held to certificates that the site names.
        package let isChecked: Bool
    }

    private let folder: DiskFolder
    private let authority: SiteTimeStamp
    private let place: InputPlace
    private let client: TimeStampClient

    /// - Parameter timeout: How long the authority has to answer, in seconds.
    /// - Throws: `CeremonyError` when the site names no authority; `AWSError.configuration` for a proxy that is none.
    package init(of folder: DiskFolder, at site: Site, timeout: Double = 30) throws {
        guard let authority = site.timestamp else {
            throw site.place["timestamp"].error("it names no time stamp authority", remedy: "Add it to the site")
        }
        self.folder = folder
        self.authority = authority
        place = site.place["timestamp"]
        client = TimeStampClient(authority.url, proxy: try site.access?.proxyRule(.init()), timeout: timeout)
    }

    /// Asks for a stamp and keeps request and answer, the answer last. A stamp that is there and holds is left as it is; a
    /// request that was never answered is asked again.
    ///
    /// - Throws: `EvidenceError` for a folder that does not hold; `CeremonyError` when the ceremony is not closed, or the
    ///   authority gave no stamp that holds: then only the request was written.
    package func stamp() async throws -> Stamped {
        try folder.removePartials()
        let trusted = try authorities()
        let record = try ClosedCeremony(in: folder).record
        let imprint = try TimeStampFiles.imprint(of: record)
        let asked = try folder.readIfPresent(TimeStampFiles.requestPath) != nil
        let request =
            try asked
            ? TimeStampFiles.request(in: folder, over: imprint) : TimeStampRequest(over: imprint)
        if let answer = try folder.readIfPresent(TimeStampFiles.answerPath) {
            return Stamped(
                time: try TimeStampFiles.time(of: answer, to: request, after: record, trusting: trusted), isOld: true,
                isChecked: trusted != nil)
        }
        if !asked { try folder.write(request.der, to: TimeStampFiles.requestPath) }
        let answer = try await ask(request)
        let time: Evidence.Timestamp
        do {
            time = try TimeStampFiles.time(of: answer, to: request, after: record, trusting: trusted)
        } catch let error as EvidenceError {
            throw refused("what \(authority.url) answered is no time stamp of it: \(error.reason)")
        }
        try folder.write(answer, to: TimeStampFiles.answerPath)
        return Stamped(time: time, isOld: false, isChecked: trusted != nil)
    }

    private func ask(_ request: TimeStampRequest) async throws -> [UInt8] {
        do { return try await client.ask(request.der) } catch let error as TimeStampUnanswered {
            throw refused("\(error.url) gave no time stamp (\(error.reason))")
        }
    }

    private func refused(_ what: String) -> CeremonyError {
        CeremonyError(
            .environment, what,
            remedy: "The ceremony is closed as it is; ask again, or name another authority in the site")
    }

    private func authorities() throws -> TimeStampAuthorities? {
        try authority.caFile.map { path in
            guard let pem = NamedFile.bytes(path), pem.count <= NamedFile.limit else {
                throw place["caFile"].error("\(path) cannot be read", remedy: "Check the path and its permissions")
            }
            do { return try TimeStampAuthorities(pem: pem) } catch let error as CryptoError {
                throw place["caFile"].error(
                    "\(path): \(error.operation)", remedy: "Name the authority's CA certificates, as PEM")
            }
        }
    }
}
