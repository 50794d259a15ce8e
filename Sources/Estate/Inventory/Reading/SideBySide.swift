/// Does the same with many things, several at a time.
package enum SideBySide {
    /// - Parameters:
    ///   - width: How many at a time, 1 or more.
    ///   - body: What is done with each.
    /// - Returns: What came of each, in the order of the things, whichever was done first.
    /// - Throws: What `body` threw first; the others are cancelled then.
    package static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], width: Int, _ body: @escaping @Sendable (Input) async throws -> Output
    ) async throws -> [Output] {
        try await withThrowingTaskGroup(of: (Int, Output).self) { group in
            var outputs = [Output?](repeating: nil, count: inputs.count)
            for (index, input) in inputs.enumerated() {
                if index >= max(width, 1), let (done, output) = try await group.next() { outputs[done] = output }
                group.addTask { (index, try await body(input)) }
            }
            while let (done, output) = try await group.next() { outputs[done] = output }
            return outputs.compactMap { $0 }
        }
    }
}
