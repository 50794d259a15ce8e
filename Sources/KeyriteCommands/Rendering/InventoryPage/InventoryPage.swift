import CryptoPrimitives
import Estate
import Evidence

/// A snapshot as one page of HTML that a person can look through: per key, what leads to it and what uses it.
///
/// It needs nothing but itself: no other address is named in it, and its policy forbids the browser to load from any,
/// and to run any script but the one whose digest it names.
///
/// <https://www.w3.org/TR/CSP3/>
struct InventoryPage {
    private let snapshot: InventorySnapshot
    private let digest: String
    private let cards: [KeyCard]

    /// - Parameter digest: The SHA-256 of the snapshot's bytes, in hex.
    init(_ snapshot: InventorySnapshot, digest: String) {
        self.snapshot = snapshot
        self.digest = digest
        cards = KeyCard.all(of: snapshot)
    }

    var html: String { page.source + "\n" }

    private var page: Markup {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <title>KMS keys and what uses them</title>
        <style>\(InventoryPageStyle.markup)</style>
        </head>
        <body>
        \(header)
        \(filter)
        <main id="map">
        \(cards.map { KeyCardMarkup($0).markup })
        </main>
        <p id="none" hidden>Nothing here has all that. Take a word away.</p>
        \(unread)
        <script>\(InventoryPageScript.markup)</script>
        </body>
        </html>
        """
    }

    /// By which a page is told from other files.
    static let mark = "<title>KMS keys and what uses them</title>"

    private static let policy =
        "default-src 'none'; style-src '\(InventoryPageStyle.digest)'; script-src '\(InventoryPageScript.digest)'; "
        + "base-uri 'none'; form-action 'none'"

    private var accounts: String { snapshot.header.accounts.joined(separator: ", ") }

    private var header: Markup {
        let own = snapshot.keys.count { $0.manager?.text != "AWS" }
        let uses = cards.flatMap(\.uses)
        let follow = uses.count { $0.how == .follows }
        let pinned = uses.count { $0.how == .pinned }
        return """
            <header>
            <h1>KMS keys and what uses them</h1>
            <p>\(accounts), \(snapshot.header.regions.joined(separator: ", ")), as read from \("\(snapshot.header.at)") on. \
            \(snapshot.header.events == nil ? "No events were looked through for who calls KMS. " : "")\
            The snapshot's SHA-256: <code>\(digest)</code></p>
            <ul class="counts">
            <li><b>\(own)</b> own \(own == 1 ? "key" : "keys")</li>
            <li><b>\(uses.count)</b> \(uses.count == 1 ? "use" : "uses")</li>
            <li class="follows"><b>\(follow)</b> \(follow == 1 ? "follows" : "follow") an alias</li>
            <li class="pinned"><b>\(pinned)</b> \(pinned == 1 ? "is" : "are") pinned to a key</li>
            <li class="\(snapshot.unread.isEmpty ? "" : "gap")"><b>\(snapshot.unread.count)</b> \
            \(snapshot.unread.count == 1 ? "thing" : "things") could not be read</li>
            </ul>
            \(legend)
            </header>
            """
    }

    private var filter: Markup {
        func options(_ all: some Sequence<String>) -> [Markup] {
            Set(all).sorted().map { "<option>\($0)</option>" }
        }
        return """
            <form id="filter" role="search">
            <label>Words <input id="words" type="search" autocomplete="off" spellcheck="false" \
            placeholder="alias, key, resource, account"></label>
            <label>Account <select id="account"><option value="">all</option>\
            \(options(snapshot.header.accounts))</select></label>
            <label>Region <select id="region"><option value="">all</option>\(options(regions))</select></label>
            <label>Service <select id="service"><option value="">all</option>\
            \(options(snapshot.references.map(\.service) + (snapshot.callers.isEmpty ? [] : ["kms"])))</select></label>
            <label>Use <select id="how"><option value="">all</option><option value="follows">follows an alias</option>\
            <option value="pinned">pinned to the key</option><option value="default">the service's own key</option></select></label>
            <label><input id="look" type="checkbox"> only what stands out</label>
            <output id="shown" aria-live="polite"></output>
            </form>
            <p id="filtered" hidden>Not all is shown: the page was filtered, as stands above.</p>
            <noscript><p>The filter needs the page's script, which this browser does not run. All is shown.</p></noscript>
            """
    }

    /// Those that were looked at, and others of which these told.
    private var regions: [String] {
        snapshot.header.regions + cards.flatMap { [KeyCardMarkup($0).place.region] + $0.uses.map(\.region) }
    }

    private var unread: Markup {
        guard !snapshot.unread.isEmpty else { return "<p>Everything was read.</p>" }
        let rows = AlikeGaps.all(of: snapshot.unread).map { alike -> Markup in
            guard alike.isFolded else { return "\(alike.gaps.map(Self.row))" }
            return """
                <tr><td>\(alike.service)</td><td class="place" colspan="2">\(alike.place(withAccount: true))</td><td>\(alike.operation)</td>\
                <td colspan="4"><details><summary>\(alike.gaps.count) of these: \(alike.why)</summary><table>
                \(alike.gaps.map(Self.inner))</table></details></td></tr>

                """
        }
        return """
            <section id="unread">
            <h2>What could not be read</h2>
            <p>Of a key itself (kms, with the key under Of) only that of it is not known. What else stands here may use any of the \
            keys, or be one.</p>
            <div class="wide"><table>
            <thead><tr><th>Service</th><th>Account</th><th>Region</th><th>Operation</th><th>Of</th><th>Why</th><th>Code</th>\
            <th>In its words</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table></div>
            </section>
            """
    }

    private static func row(_ gap: InventoryGap) -> Markup {
        """
        <tr><td>\(gap.service)</td><td>\(gap.account)</td><td class="place">\(gap.region)</td><td>\(gap.operation)</td>\
        <td>\(gap.resource?.text ?? "")</td><td>\(gap.reason.rawValue)</td><td>\(gap.code?.text ?? "")</td>\
        <td>\(gap.message?.text ?? "")</td></tr>

        """
    }

    /// What is its own of one that stands among others of its kind.
    private static func inner(_ gap: InventoryGap) -> Markup {
        """
        <tr><td>\(gap.account)</td><td class="place">\(gap.region)</td><td>\(gap.resource?.text ?? "")</td>\
        <td>\(gap.message?.text ?? "")</td></tr>

        """
    }

    private var legend: Markup {
        """
        <p class="legend"><span class="key follows"><span class="line">dashed</span><span class="noline">follows</span></span> names an alias and asks for it each time: it takes the other key when the \
        alias is moved. <span class="key pinned"><span class="line">solid</span><span class="noline">pinned</span></span> stays with this key, whatever becomes of its aliases. \
        <span class="key default"><span class="line">dotted</span><span class="noline">the service's own</span></span> names no key, and has the one that AWS manages for the service.</p>
        """
    }
}
