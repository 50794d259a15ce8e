import CryptoPrimitives
import Foundation
import TestSupport
import Testing

@Suite("Where a private key is in memory", .disabled(if: isSanitized, "a sanitizer keeps memory of its own"))
struct PrivateKeyMemoryTests {
    @Test(
        "stopped inside a wrap, the process that holds the module has the private key; before and after, it has not",
        arguments: ProbedWrap.Kind.allCases)
    func insideTheWrap(kind: ProbedWrap.Kind) async throws {
        let probed = try await ProbedWrap.run(kind, ["KEYRITE_REHEARSAL_PAUSE_IN_WRAP": "1"])
        let key = try probed.open(probed.report.native)
        #expect(try probed.open(probed.report.composed).isEqual(to: key))
        let bytes = Data(key.exposed)
        let found = probed.stops.map { $0.contains { $0.range(of: bytes) != nil } }
        // Before; with the ephemeral key alone and then with the private key, by the token's own mechanism; the other way
        // round where it is composed; and after. The private key is encrypted while it lies on the token.
        #expect(found == [false, false, true, true, false, false])
    }
}
