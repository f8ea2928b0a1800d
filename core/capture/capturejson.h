// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/capture/reconciler.h"

#include <QJsonObject>

namespace tidemark {

// A run keeps what it captures and reconciles beside its steps, so that any driver can go on.

[[nodiscard]] QJsonObject toJson(const CaptureSpec &spec);
[[nodiscard]] Result<CaptureSpec> captureSpecFromJson(const QJsonObject &json);

[[nodiscard]] QJsonObject toJson(const ReconcileSpec &spec);
[[nodiscard]] Result<ReconcileSpec> reconcileSpecFromJson(const QJsonObject &json);

} // namespace tidemark
