import CryptoPrimitives

/// The page's filter. It hides, shows and counts what is there, and draws the lines of what is left; it makes no element
/// and no text of anything that it reads.
enum InventoryPageScript {
    static let markup = Markup.own(text)
    /// As a Content-Security-Policy names it.
    static let digest = PolicyDigest.of(markup)

    private static let text: StaticString = """

        'use strict';
        (() => {
          const byID = (id) => document.getElementById(id);
          const fields = ['words', 'account', 'region', 'service', 'how', 'look'].map(byID);
          const [words, account, region, service, how, look] = fields;
          const fold = (text) => text.normalize('NFC').toLocaleLowerCase();
          const textOf = (element) => fold(element.textContent + ' ' + (element.title || ''));
          const cards = [...document.querySelectorAll('article')].map((article) => {
            const subject = article.querySelector('.subject');
            const aliases = [...article.querySelectorAll('ul.aliases li')];
            return {
              article,
              text: [...subject.querySelectorAll(':scope > :not(.sum)'), ...aliases].map(textOf).join(' '),
              look: article.hasAttribute('data-look'),
              account: article.dataset.account,
              region: article.dataset.region,
              more: article.querySelector('details.uses'),
              drawn: article.querySelector('.map ul.uses'),
              others: article.querySelector('details ul.uses'),
              svg: article.querySelector('svg.right'),
              paths: [...article.querySelectorAll('svg.right path')],
              sum: subject.querySelector('.sum'),
              told: subject.querySelector('.sum')?.textContent,
              uses: [...article.querySelectorAll('ul.uses li')].map((row) => ({
                row, text: textOf(row), how: row.className, ...row.dataset,
              })),
            };
          });

          const total = cards.reduce((sum, card) => sum + card.uses.length, 0);

          // Some of each kind first, as many as there are lines; then the others, as they stand.
          function mixed(shown, drawn) {
            if (shown.length <= drawn) return shown;
            const kinds = ['follows', 'pinned', 'default'].map((how) => shown.filter((use) => use.how === how));
            const first = new Set();
            for (let turn = 0; first.size < drawn; turn += 1) {
              for (const kind of kinds) if (kind[turn] && first.size < drawn) first.add(kind[turn]);
            }
            return [...first, ...shown.filter((use) => !first.has(use))];
          }

          // As many rows as there are lines stand in the picture, the others below it.
          function draw(card, shown) {
            if (card.sum) {
              const all = card.uses.length;
              card.sum.textContent = shown.length === all ? card.told
                : `${shown.length} of its ${all} ${all === 1 ? 'use' : 'uses'} shown`;
            }
            const height = Math.min(shown.length, card.paths.length) * 28;
            card.svg.setAttribute('height', height);
            card.paths.forEach((path, index) => {
              const use = shown[index];
              path.setAttribute('visibility', use ? 'visible' : 'hidden');
              if (!use) return;
              const y = index * 28 + 14;
              path.setAttribute('class', use.how);
              path.setAttribute('d', `M0 ${height / 2}C36 ${height / 2} 36 ${y} 72 ${y}`);
            });
            if (!card.more) return;
            shown.forEach((use, index) => (index < card.paths.length ? card.drawn : card.others).append(use.row));
            const more = shown.length - card.paths.length;
            card.more.hidden = more <= 0;
            card.more.querySelector('summary').textContent = `${more} more`;
          }

          function apply() {
            const isFiltered = fields.some((field) => field.type === 'checkbox' ? field.checked : field.value.trim());
            document.body.classList.toggle('filtered', isFiltered);
            byID('filtered').hidden = !isFiltered;
            const terms = fold(words.value).split(/\\s+/).filter(Boolean);
            const byUse = service.value || how.value;
            let [keys, uses] = [0, 0];
            for (const card of cards) {
              const left = terms.filter((term) => !card.text.includes(term));
              const shown = card.uses.filter((use) => left.every((term) => use.text.includes(term))
                && (!account.value || use.account === account.value || card.account === account.value)
                && (!region.value || use.region === region.value)
                && (!service.value || use.service === service.value)
                && (!how.value || use.how === how.value));
              const bare = card.uses.length === 0 && left.length === 0 && !byUse
                && (!account.value || card.account === account.value) && (!region.value || card.region === region.value);
              card.article.hidden = !(shown.length > 0 || bare) || look.checked && !card.look;
              if (card.article.hidden) continue;
              keys += 1;
              uses += shown.length;
              const rows = new Set(shown);
              card.uses.forEach((use) => { use.row.hidden = !rows.has(use); });
              draw(card, mixed(shown, card.paths.length));
            }
            byID('none').hidden = keys > 0;
            byID('shown').textContent = `${keys} of ${cards.length} ${cards.length === 1 ? 'card' : 'cards'} shown, `
              + `with ${uses} of ${total} ${total === 1 ? 'use' : 'uses'}`;
          }

          let waiting = 0;
          words.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
          for (const field of fields.slice(1)) field.addEventListener('change', apply);
          byID('filter').addEventListener('submit', (event) => { event.preventDefault(); apply(); });
          // A page's address may end in #words, so that a view can be passed on.
          function take() {
            try { words.value = decodeURIComponent(location.hash.slice(1)); } catch { words.value = ''; }
            apply();
          }
          addEventListener('hashchange', take);
          // On paper nothing can be opened.
          let closed = [];
          addEventListener('beforeprint', () => {
            closed = [...document.querySelectorAll('details:not([open])')];
            for (const list of closed) list.open = true;
          });
          addEventListener('afterprint', () => { for (const list of closed) list.open = false; });
          take();
        })();

        """
}
