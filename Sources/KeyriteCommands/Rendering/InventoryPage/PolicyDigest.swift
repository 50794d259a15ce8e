import CryptoPrimitives
import Foundation

/// How a Content-Security-Policy names what may stand in the page itself: by its SHA-256.
///
/// <https://www.w3.org/TR/CSP3/#grammardef-hash-source>
enum PolicyDigest {
    static func of(_ markup: Markup) -> String {
        "sha256-" + Data(SHA256Digest(of: Array(markup.source.utf8)).bytes).base64EncodedString()
    }
}
