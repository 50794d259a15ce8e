/// Lets so many do something at a time, and has the others wait in their order.
actor Turns {
    /// Two tests at a time hold ceremonies: each is a handful of processes that make keys, and all patience ends.
    private static let ofCeremonies = Turns(2)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ free: Int) { self.free = free }

    /// Holds a ceremony when its turn has come.
    static func take<R>(_ body: () async throws -> R) async rethrows -> R {
        try await ofCeremonies.take(body)
    }

    /// Does something when its turn has come.
    nonisolated func take<R>(_ body: () async throws -> R) async rethrows -> R {
        await begin()
        do {
            let result = try await body()
            await end()
            return result
        } catch {
            await end()
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
