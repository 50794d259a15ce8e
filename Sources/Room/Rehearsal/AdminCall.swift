import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// One call on the emulator's admin path.
enum AdminCall {
    /// - Throws: `RehearsalError` when the emulator refuses.
    static func post(_ body: some Encodable, to endpoint: String) async throws {
        var request = HTTPClientRequest(url: endpoint + "/_keyrite/admin")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        // Read in any case: a connection whose answer was not read to its end serves no other call.
        let said = try await response.body.collect(upTo: 1 << 16)
        guard response.status == .ok else {
            throw RehearsalError("the embedded KMS refused: \(String(buffer: said))")
        }
    }
}
