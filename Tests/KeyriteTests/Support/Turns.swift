/// Lets two tests at a time hold ceremonies: each is a handful of processes that make keys, and all patience ends.
actor Turns {
    private static let shared = Turns()

    private var free = 2
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Does something when its turn has come.
    static func take<R>(_ body: () async throws -> R) async rethrows -> R {
        await shared.begin()
        do {
            let result = try await body()
            await shared.end()
            return result
        } catch {
            await shared.end()
            throw error
        }
    }

    private func begin() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func end() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        free += 1
    }
}
