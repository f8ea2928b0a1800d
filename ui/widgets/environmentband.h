// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"

#include <QWidget>

#include <optional>

namespace tidemark::ui {

/// The strip in the environment's colour with its word, so that production is never mistaken.
class EnvironmentBand : public QWidget
{
    Q_OBJECT

public:
    explicit EnvironmentBand(QWidget *parent = nullptr);
    /// Nothing hides it.
    void setEnvironment(std::optional<Environment> environment, const QString &text);
    [[nodiscard]] QString text() const { return m_text; }
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    Environment m_environment = Environment::Development;
    QString m_text;
};

} // namespace tidemark::ui
