// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace tidemark::cli {

/// From now on SIGINT, SIGTERM and SIGHUP are remembered rather than fatal; a second one is fatal again. One that is ignored
/// already stays so: SIGHUP under nohup.
void catchInterrupts();
[[nodiscard]] bool isInterrupted();

} // namespace tidemark::cli
