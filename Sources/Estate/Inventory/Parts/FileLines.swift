import Foundation

/// The lines of a file, of which memory holds one at a time.
enum FileLines {
    private static let piece = 64 << 10

    /// - Parameter body: Gets each line that ends, without its end.
    /// - Throws: What `body` throws; `EstateError` where the file cannot be read.
    static func each(at path: String, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        func failure(_ error: any Error) -> EstateError {
            EstateError(path, "it cannot be read: \(error.localizedDescription)")
        }
        let file: FileHandle
        do { file = try FileHandle(forReadingFrom: URL(filePath: path)) } catch { throw failure(error) }
        var rest: [UInt8] = []
        while true {
            let more: Data?
            do { more = try file.read(upToCount: piece) } catch { throw failure(error) }
            guard let more, !more.isEmpty else { return }
            rest += more
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                try body(rest[start..<end])
                start = end + 1
            }
            rest.removeFirst(start)
        }
    }
}
