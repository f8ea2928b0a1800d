// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace tidemark::cli {

/// From now on SIGINT and SIGTERM are remembered rather than fatal; a second one is fatal again.
void catchInterrupts();
[[nodiscard]] bool isInterrupted();

} // namespace tidemark::cli
