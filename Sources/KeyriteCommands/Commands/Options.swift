import ArgumentParser
import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room

extension OutputFormat: ExpressibleByArgument {}
extension Gate: ExpressibleByArgument {}
extension Step: ExpressibleByArgument {}
extension Mode: ExpressibleByArgument {}
extension Strategy: ExpressibleByArgument {}
extension KeySpec: ExpressibleByArgument {}

/// A digest that was carried here outside a folder.
enum DigestOption {
    /// - Parameter option: What it was given as, for the error.
    static func read(_ text: String?, _ option: String) throws -> SHA256Digest? {
        try text.map { text in
            guard let digest = SHA256Digest(hex: text) else {
                throw CeremonyError(.invalidInput, "\(option) is no SHA-256", remedy: "Give 64 lowercase hex digits")
            }
            return digest
        }
    }
}

/// A text file that a person named.
enum InputFile {
    static func text(_ path: String) throws -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw CeremonyError(.invalidInput, "\(path) is not UTF-8 text", remedy: "Save it as UTF-8")
        }
        return text
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let bytes = NamedFile.bytes(path) else {
            throw CeremonyError(.invalidInput, "\(path) cannot be read", remedy: "Check the path and its permissions")
        }
        guard bytes.count <= NamedFile.limit else {
            throw CeremonyError(.invalidInput, "\(path) is larger than 16 MiB", remedy: "Check the path")
        }
        return bytes
    }

    /// CA certificates of a time stamp's authority.
    static func timestampAuthorities(_ path: String) throws -> TimeStampAuthorities {
        let pem = try bytes(path)
        do { return try TimeStampAuthorities(pem: pem) } catch let error as CryptoError {
            throw CeremonyError(
                .invalidInput, "\(path): \(error.operation)", remedy: "Give the authority's CA certificates, as PEM")
        }
    }

    /// The site of a room in which ceremonies are held, or of a host of an air gap.
    static func site(_ path: String) throws -> Site {
        let site = try readingSite(path)
        try site.requireRoom()
        return site
    }

    /// A site that AWS is only read from: it needs no HSM.
    static func readingSite(_ path: String) throws -> Site {
        try Site(yaml: try text(path), file: path)
    }
}
