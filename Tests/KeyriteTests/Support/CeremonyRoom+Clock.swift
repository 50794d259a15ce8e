import Foundation
import FoundationNetworking
import Room
import Testing

extension CeremonyRoom {
    /// Moves the embedded KMS's clock, and with it CloudTrail's, ahead of this host's.
    func moveClock(seconds: Double) async throws {
        try await administer(["action": "set-clock-offset", "seconds": seconds])
    }

    /// Has the embedded KMS do what its admin path is asked for.
    func administer(_ body: [String: Any]) async throws {
        var request = URLRequest(url: try #require(URL(string: room.site.endpoint + "/_keyrite/admin")))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try JSONSerialization.data(withJSONObject: body)
        let (answer, response) = try await URLSession.shared.data(for: request)
        try #require((response as? HTTPURLResponse)?.statusCode == 200, "\(String(decoding: answer, as: UTF8.self))")
    }
}
