// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace tidemark {

struct MatviewRow;
struct LastRefresh;

/// Whether what a nested materialized view holds now was there for the refresh of a view that reads it.
enum class RefreshOrder {
    Included, ///< it was refreshed before
    After,    ///< it was refreshed since
    Unknown,
};

/// By commit times and files. A plain REFRESH locks out all readers until its commit, and readers hold their lock until
/// theirs: of two such refreshes the one that committed first is in the other. A concurrent one lets readers go on with the
/// rows of before, so its commit must lie before the reader's snapshot; by how much is not known. `readerIsDated`: what the
/// reader's time is of was certainly a refresh, and no VACUUM FULL after it. Pure.
[[nodiscard]] RefreshOrder refreshOrder(const MatviewRow &source, const LastRefresh &sourceRefresh,
                                        const MatviewRow &reader, const LastRefresh &readerRefresh, bool readerIsDated);

/// The newest that was written to the row's storage is a refresh or the creation, by its own traces.
[[nodiscard]] bool endsWithItsRefresh(const MatviewRow &row);

} // namespace tidemark
