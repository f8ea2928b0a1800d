// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace tidemark {

/// Registers the compiled-in text (SQL, toolkit, demo) with Qt's resource system. Safe to call more than once, from any
/// thread; whoever opens a ":/sql", ":/toolkit" or ":/demo" path calls it first, because a static library's resources
/// are not registered by themselves.
void initResources();

} // namespace tidemark
