//! What is wrong, as an exception of Python.

use extentplan::ask::Fault;
use pyo3::prelude::*;

/// The fault as `extentplan.ExtentplanError`, with the place that is wrong where it has one.
pub(crate) fn exception(py: Python<'_>, fault: &Fault) -> PyErr {
    let made = || -> PyResult<PyErr> {
        let made = py.import("extentplan._errors")?.getattr("of_fault")?;
        let error = made.call1((fault.to_string(), fault.line, fault.column, fault.request))?;
        Ok(PyErr::from_value(error))
    };
    made().unwrap_or_else(|error| error)
}
